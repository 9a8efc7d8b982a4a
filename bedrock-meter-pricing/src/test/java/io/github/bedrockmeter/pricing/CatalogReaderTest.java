// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Usage;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CatalogReaderTest {
  private static final String ROW =
      """
      {"model": "acme.one-v1:0", "scopes": ["in_region"], "regions": ["us-east-1"],
       "unit": "1M tokens", "usd": {"input": "1.5", "output": "3"}}""";

  @Test
  void anOverlayPricesANewModel() {
    PriceCatalog prices = PriceCatalog.builder().overlay("mine", file(ROW)).build();

    assertThat(
            prices
                .costOf(
                    new PriceKey("acme.one-v1:0", "us-east-1", "standard", Instant.EPOCH),
                    Usage.ofTokens(1_000_000, 0))
                .usd()
                .orElseThrow())
        .isEqualByComparingTo("1.5");
    assertThat(prices.version()).isEqualTo("2026-11-28+test");
  }

  @Test
  void anOverlaysRowHidesTheCataloguesForEveryRegionItNames() {
    String everywhere =
        ROW.replace("acme.one-v1:0", "amazon.nova-pro-v1:0")
            .replace("\"us-east-1\"", "\"*\"")
            .replace("\"1.5\"", "\"0.5\"");
    PriceCatalog prices = PriceCatalog.builder().overlay("mine", file(everywhere)).build();

    assertThat(
            prices
                .costOf(
                    new PriceKey("amazon.nova-pro-v1:0", "eu-west-1", "standard", Instant.EPOCH),
                    Usage.ofTokens(1_000_000, 0))
                .usd()
                .orElseThrow())
        .isEqualByComparingTo("0.5");
  }

  @Test
  void twoPricesForOneKeyAreRefusedAndBothAreNamed() {
    assertRefused(
        ROW + "," + ROW.replace("\"1.5\"", "\"1.6\""),
        "input of 'acme.one-v1:0' (runtime, in_region, us-east-1, standard) has two prices",
        "1.5",
        "1.6");
  }

  @Test
  void twoRowsThatAgreeAreOnePrice() {
    PriceCatalog prices = PriceCatalog.builder().overlay("mine", file(ROW + "," + ROW)).build();

    assertThat(prices.modelOf("acme.one-v1:0")).isPresent();
  }

  @Test
  void overlappingDatesAreRefused() {
    assertRefused(
        with("\"from\": \"2026-01-01\", \"to\": \"2026-06-01\"")
            + ","
            + with("\"from\": \"2026-05-31\"").replace("\"1.5\"", "\"1.6\""),
        "has two prices at one time",
        "from 2026-01-01 to 2026-06-01");
  }

  @Test
  void datesThatTouchAreNotOverlapping() {
    String rows =
        with("\"from\": \"2026-01-01\", \"to\": \"2026-06-01\"")
            + ","
            + with("\"from\": \"2026-06-01\"").replace("\"1.5\"", "\"1.6\"");

    assertThat(PriceCatalog.builder().overlay("mine", file(rows)).build()).isNotNull();
  }

  @Test
  void aNumberWhereADecimalStringBelongsIsRefused() {
    assertRefused(ROW.replace("\"1.5\"", "1.5"), "row 1 of mine (acme.one-v1:0)", "write \"1.5\"");
  }

  @Test
  void whatIsNoDecimalIsRefused() {
    assertRefused(ROW.replace("\"1.5\"", "\"1e-3\""), "'1e-3' is not a decimal such as 3.30");
    assertRefused(ROW.replace("\"1.5\"", "\"-1\""), "'-1' is not a decimal");
  }

  @Test
  void anUnknownMeterIsRefused() {
    assertRefused(
        ROW.replace("\"input\":", "\"inputs\":"), "row 1 of mine (acme.one-v1:0)", "'inputs'");
  }

  @Test
  void anUnknownFieldIsRefusedWithTheNearestName() {
    assertRefused(with("\"teir\": \"batch\""), "unknown field \"teir\"", "did you mean 'tier'?");
  }

  @Test
  void anUnknownTierScopeUnitOrStatusIsRefused() {
    assertRefused(with("\"tier\": \"flexx\""), "unknown tier 'flexx' (did you mean 'flex'?)");
    assertRefused(ROW.replace("in_region", "regional"), "unknown scope 'regional'");
    assertRefused(ROW.replace("1M tokens", "1M token"), "unknown unit '1M token'");
    assertRefused(with("\"status\": \"sure\""), "unknown status 'sure'");
  }

  @Test
  void aRowWithoutRegionsOrFiguresIsRefused() {
    assertRefused(ROW.replace("[\"us-east-1\"]", "[]"), "\"regions\" is missing or empty");
    assertRefused(
        ROW.replace("{\"input\": \"1.5\", \"output\": \"3\"}", "{}"), "no figure in \"usd\"");
  }

  @Test
  void aRowThatEndsBeforeItBeginsIsRefused() {
    assertRefused(
        with("\"from\": \"2026-06-01\", \"to\": \"2026-06-01\""),
        "\"from\" 2026-06-01 is not before \"to\" 2026-06-01");
    assertRefused(with("\"from\": \"June\""), "'June' is not a date such as 2026-08-31");
  }

  @Test
  void aKeyThatOccursTwiceIsRefused() {
    assertRefused(ROW.replace("\"output\": \"3\"", "\"input\": \"3\""), "not valid JSON");
  }

  @Test
  void anotherSchemaOrCurrencyIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CatalogReader.read("mine", in("{\"schema\": 2, \"currency\": \"USD\"}")))
        .withMessageContaining("\"schema\" must be 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CatalogReader.read("mine", in("{\"schema\": 1, \"currency\": \"EUR\"}")))
        .withMessageContaining("\"currency\" must be \"USD\"");
  }

  @Test
  void anAliasThatNamesAnotherModelIsRefused() {
    String clash =
        """
        {"schema": 1, "currency": "USD", "version": "test", "asOf": "2026-11-01",
         "models": {"acme.one-v1:0": {"aliases": ["amazon.nova-pro-v1:0"]}}, "rates": [%s]}"""
            .formatted(ROW);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PriceCatalog.builder().overlay("mine", in(clash)).build())
        .withMessageContaining("alias 'amazon.nova-pro-v1:0' of 'acme.one-v1:0'");
  }

  private static String with(String field) {
    return ROW.replace("\"unit\"", field + ", \"unit\"");
  }

  private static void assertRefused(String rows, String... words) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PriceCatalog.builder().overlay("mine", file(rows)).build())
        .satisfies(e -> assertThat(e).hasMessageContainingAll(words));
  }

  private static InputStream file(String rows) {
    return in(
        """
        {"schema": 1, "currency": "USD", "version": "test", "asOf": "2026-11-01", "rates": [%s]}"""
            .formatted(rows));
  }

  private static InputStream in(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
