// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.price.*;
import io.github.bedrockmeter.testkit.CannedBedrock;
import io.github.bedrockmeter.usage.*;
import java.util.*;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.*;

/** A meter without budgets stops no call, however odd its request. */
class OddRequestsTest {
  @Test
  void aNullAmongTheBlocksStopsNoCall() {
    BedrockRuntimeClient sdk = CannedBedrock.client();
    ConverseRequest request =
        ConverseRequest.builder()
            .modelId("m")
            .messages(
                Message.builder()
                    .role("user")
                    .content(Arrays.asList(ContentBlock.fromText("x"), (ContentBlock) null))
                    .build())
            .build();
    sdk.converse(request); // the SDK sends it
    BedrockMeter.builder().build().wrap(sdk).converse(request);
  }

  @Test
  void aBodyWithAbsurdLimitsStopsNoCall() {
    BedrockRuntimeClient sdk = CannedBedrock.client();
    InvokeModelRequest request =
        InvokeModelRequest.builder()
            .modelId("anthropic.x")
            .body(
                SdkBytes.fromUtf8String(
                    "{\"max_tokens\":2147483647,\"n\":2147483647,\"cache_control\":{}}"))
            .build();
    sdk.invokeModel(request);
    BedrockMeter.builder()
        .prices(
            PriceBook.of(
                Map.of(
                    "anthropic.x",
                    Rates.builder("t")
                        .perMillion(Meter.INPUT, "10")
                        .perMillion(Meter.OUTPUT, "50")
                        .perMillion(Meter.CACHE_WRITE_5M, "12.5")
                        .build())))
        .build()
        .wrap(sdk)
        .invokeModel(request);
  }

  @Test
  void aPriceBookWithANegativeLimitStopsNoCall() {
    PriceBook book =
        new PriceBook() {
          @Override
          public Cost costOf(PriceKey key, Usage usage) {
            return new Cost.Unknown("x");
          }

          @Override
          public ModelLimits limitsOf(String modelId) {
            return new ModelLimits(-1L, -1L, Set.of());
          }
        };
    BedrockMeter.builder()
        .prices(book)
        .build()
        .wrap(CannedBedrock.client())
        .converse(r -> r.modelId("m"));
  }
}
