// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.CacheDetail;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/** What a reading costs in memory, measured on this thread. */
class ReadingCostTest {
  private static final int FIVE_MEGABYTES = 5 << 20;
  private static final int RUNS = 2_000;

  @Test
  void converseAllocatesTheReadingAndNothingBesides() {
    ConverseRequest request = ConverseRequest.builder().build();
    ConverseResponse plain =
        ConverseResponse.builder()
            .usage(u -> u.inputTokens(1000).outputTokens(2000).totalTokens(3000))
            .serviceTier(t -> t.type("default"))
            .build();
    ConverseResponse cached =
        ConverseResponse.builder()
            .usage(
                u ->
                    u.inputTokens(1)
                        .outputTokens(2)
                        .cacheReadInputTokens(3)
                        .cacheWriteInputTokens(9)
                        .totalTokens(15)
                        .cacheDetails(CacheDetail.builder().ttl("1h").inputTokens(9).build()))
            .build();

    long perPlain = allocatedBy(RUNS, () -> Readers.converse(request, plain)) / RUNS;
    long perCached = allocatedBy(RUNS, () -> Readers.converse(request, cached)) / RUNS;

    System.out.printf("a Converse reading allocates %d bytes, cached %d%n", perPlain, perCached);
    assertThat(perPlain).isLessThan(200);
    assertThat(perCached).isLessThan(200);
  }

  @Test
  void imageOfFiveMegabytesIsNotHeldTwice() {
    SdkBytes body =
        SdkBytes.fromUtf8String("{\"images\":[\"" + "QUJD".repeat(FIVE_MEGABYTES / 4) + "\"]}");

    assertLittle(
        "image",
        Invoked.model("amazon.nova-canvas-v1:0").body(body),
        Map.of("outputImages[1024,standard]", 1L));
  }

  @Test
  void embeddingOfFiveMegabytesIsNotHeldTwice() {
    SdkBytes body = SdkBytes.fromUtf8String(embedding() + ",\"inputTextTokenCount\":7}");
    String profile =
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl";

    assertLittle("embedding", Invoked.model(profile).body(body), Map.of("input", 7L));
    assertLittle(
        "embedding by headers",
        Invoked.model("amazon.titan-embed-text-v2:0").body(body).header("Input-Token-Count", 7),
        Map.of("input", 7L));
  }

  private static String embedding() {
    Random random = new Random(7);
    StringBuilder json = new StringBuilder("{\"embedding\":[0.5");
    while (json.length() < FIVE_MEGABYTES) {
      json.append(',').append(random.nextDouble());
    }
    return json.append(']').toString();
  }

  private static void assertLittle(String what, Invoked call, Map<String, Long> counts) {
    var request = call.asRequest();
    var response = call.asResponse();
    assertThat(Invoked.counts(Readers.invokeModel(request, response))).isEqualTo(counts);

    long started = System.nanoTime();
    long bytes = allocatedBy(1, () -> Readers.invokeModel(request, response));

    System.out.printf(
        "reading a 5 MB %s allocates %,d bytes and takes %.1f ms%n",
        what, bytes, (System.nanoTime() - started) / 1e6);
    assertThat(bytes).isLessThan(64 << 10);
  }

  private static long allocatedBy(int runs, Supplier<Reading> reader) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assertThat(reader.get()).isNotNull();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < runs; i++) {
      Reading unused = reader.get();
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
