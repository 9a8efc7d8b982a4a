// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is logged about the catalogue's age; slf4j-simple writes to System.err. */
class AgeTest {
  private static final Instant YEARS_LATER = Instant.parse("2028-01-01T00:00:00Z");

  private final PrintStream err = System.err;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  @BeforeEach
  void listen() {
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void leave() {
    System.setErr(err);
  }

  @Test
  void anOldCatalogueWarnsOnceAndSaysWhatToDo() {
    PriceCatalog prices = PriceCatalog.builder().clock(() -> YEARS_LATER).build();
    prices.ratesOf(
        PriceQuery.of(
            new io.github.bedrockmeter.price.PriceKey(
                "amazon.nova-pro-v1:0", "us-east-1", "standard", YEARS_LATER),
            0));

    assertThat(log.toString(StandardCharsets.UTF_8))
        .containsOnlyOnce("was last compared with AWS on 2026-09-17, 471 days ago")
        .contains("Update bedrock-meter");
  }

  @Test
  void theAgeThatWarnsIsConfigurable() {
    PriceCatalog prices =
        PriceCatalog.builder().clock(() -> YEARS_LATER).warnAfter(Duration.ofDays(1_000)).build();

    assertThat(prices.asOf()).isBefore(YEARS_LATER);
    assertThat(log.toString(StandardCharsets.UTF_8)).doesNotContain("last compared");
  }
}
