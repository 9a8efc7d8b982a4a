// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static io.github.bedrockmeter.functional.Scene.NOVA;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.usage.Usage;
import java.math.BigDecimal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;

/**
 * A cache write costs more than the same tokens uncached, so a request that may write is estimated
 * as one that does. The estimate is 1,000 tokens in: $0.01 uncached, $0.0125 or $0.02 written.
 */
class CacheWritesTest {
  private Scene scene;

  @BeforeEach
  void open() {
    scene = new Scene(s -> s.estimator((request, bound) -> Usage.ofTokens(1_000, 0)));
  }

  @AfterEach
  void close() {
    scene.close();
  }

  private BigDecimal estimatedUsd() {
    return scene.listener.reserved().get(0).estimatedCost().usd().orElseThrow();
  }

  private static SystemContentBlock cachePoint(String ttl) {
    return SystemContentBlock.builder()
        .cachePoint(
            point -> {
              point.type("default");
              if (!ttl.isEmpty()) {
                point.ttl(ttl);
              }
            })
        .build();
  }

  @Test
  void withoutACachePointInputIsEstimatedAsInput() {
    scene.client.converse(Scene.converse(CLAUDE, 20));

    assertThat(estimatedUsd()).isEqualByComparingTo("0.01");
  }

  @Test
  void aCachePointIsEstimatedAsAWriteForFiveMinutes() {
    scene.client.converse(Scene.converse(CLAUDE, 20).toBuilder().system(cachePoint("")).build());

    assertThat(estimatedUsd()).isEqualByComparingTo("0.0125");
  }

  @Test
  void aCachePointForAnHourIsEstimatedAsThat() {
    scene.client.converse(
        Scene.converse(CLAUDE, 20).toBuilder().system(cachePoint("5m"), cachePoint("1h")).build());

    assertThat(estimatedUsd()).isEqualByComparingTo("0.02");
  }

  @Test
  void cacheControlInABodyIsSeen() {
    scene.client.invokeModel(
        r ->
            r.modelId(CLAUDE)
                .body(
                    SdkBytes.fromUtf8String(
                        """
                        {"max_tokens":20,"system":[{"type":"text","text":"long",
                         "cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[]}""")));

    assertThat(estimatedUsd()).isEqualByComparingTo("0.02");
  }

  @Test
  void aModelWithoutAPriceForWritesKeepsItsPriceForInput() {
    scene.client.converse(Scene.converse(NOVA, 20).toBuilder().system(cachePoint("")).build());

    assertThat(estimatedUsd()).isEqualByComparingTo("0.00006");
  }
}
