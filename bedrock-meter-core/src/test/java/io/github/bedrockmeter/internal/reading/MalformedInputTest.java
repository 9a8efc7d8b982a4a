// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.bedrockmeter.Effort;
import io.github.bedrockmeter.usage.Usage;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.CacheDetail;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ResponseStream;

/**
 * No reader throws, whatever the bytes, no count is negative, and neither time nor memory grows
 * beyond the input. The seed is fixed. The bodies are the recorded ones where they are at hand, and
 * synthetic ones in any case.
 */
class MalformedInputTest {
  private static final long SEED = 20_261_123;
  private static final int MUTATIONS = 20_000 * Effort.TIMES;
  private static final int WARM_UP = 1_000;

  private static final List<String> SYNTHETIC =
      List.of(
          "{\"model\":\"claude-x\",\"usage\":{\"input_tokens\":3,\"cache_creation_input_tokens\":9,"
              + "\"cache_creation\":{\"ephemeral_5m_input_tokens\":4,\"ephemeral_1h_input_tokens\":5},"
              + "\"output_tokens\":4,\"service_tier\":\"standard\"}}",
          "{\"inputTextTokenCount\":3,\"results\":[{\"tokenCount\":4,\"outputText\":\"x\"}]}",
          "{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,\"total_tokens\":13,"
              + "\"prompt_tokens_details\":{\"cached_tokens\":2}}}",
          "{\"prompt\":{\"tokens\":[{},{}]},\"completions\":[{\"data\":{\"tokens\":[{}]}}]}",
          "{\"generation\":\"x\",\"prompt_token_count\":3,\"generation_token_count\":4,"
              + "\"amazon-bedrock-invocationMetrics\":{\"inputTokenCount\":3,\"outputTokenCount\":4}}",
          "{\"images\":[\"aGk=\",\"aGk=\"],\"error\":null}",
          "{\"event\":{\"usageEvent\":{\"totalInputTokens\":3,\"totalOutputTokens\":4,\"details\":"
              + "{\"total\":{\"input\":{\"speechTokens\":1,\"textTokens\":2},"
              + "\"output\":{\"speechTokens\":3,\"textTokens\":1}}}}}}",
          "{\"imageGenerationConfig\":{\"width\":512,\"height\":1024,\"numberOfImages\":2}}");

  static final List<String> MODELS =
      List.of(
          "anthropic.claude-opus-4-6-v1",
          "amazon.titan-text-lite-v1",
          "amazon.nova-canvas-v1:0",
          "amazon.nova-2-multimodal-embeddings-v1:0",
          "cohere.rerank-v3-5:0",
          "stability.stable-diffusion-xl-v1",
          "twelvelabs.marengo-embed-3-0-v1:0",
          "arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl");

  @Test
  @Timeout(180)
  void noMutationThrowsOrYieldsANegativeCount() {
    List<byte[]> bodies = bodies();
    Mutations mutations = new Mutations(SEED);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long slowest = 0;
    long hungriest = 0;
    long started = System.nanoTime();

    for (int i = 0; i < MUTATIONS; i++) {
      byte[] mutant = mutations.mutate(bodies.get(i % bodies.size()));
      String model = MODELS.get(mutations.pick(MODELS.size()));
      String header = Integer.toString(mutations.pick(7) - 3);
      Runnable reading = reading(i % 5, model, header, SdkBytes.fromByteArrayUnsafe(mutant));

      long allocated = threads.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      reading.run();
      if (i >= WARM_UP) { // before it, classes are loaded
        slowest = Math.max(slowest, System.nanoTime() - start);
        long beyond = threads.getCurrentThreadAllocatedBytes() - allocated - 4L * mutant.length;
        hungriest = Math.max(hungriest, beyond);
      }
    }

    System.out.printf(
        "%,d mutations of %d bodies in %.1f s; slowest %.1f ms; most memory beyond 4 x input %,d bytes%n",
        MUTATIONS, bodies.size(), (System.nanoTime() - started) / 1e9, slowest / 1e6, hungriest);
    assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(2));
    assertThat(hungriest).isLessThan(8 << 20);
  }

  private static Runnable reading(int operation, String model, String header, SdkBytes bytes) {
    switch (operation) {
      case 0 -> {
        ConverseResponse response = oddConverse(bytes);
        return () -> check(Readers.converse(ConverseRequest.builder().build(), response));
      }
      case 1 -> {
        var reader =
            Readers.invokeModelStream(
                InvokeModelWithResponseStreamRequest.builder().modelId(model).build());
        ResponseStream chunk = ResponseStream.chunkBuilder().bytes(bytes).build();
        return () -> {
          reader.read(chunk);
          check(reader.finish());
          assertThat(reader.deliveredCharacters()).isNotNegative();
        };
      }
      case 2 -> {
        var reader = Readers.bidirectionalStream();
        var chunk = InvokeModelWithBidirectionalStreamOutput.chunkBuilder().bytes(bytes).build();
        return () -> {
          reader.read(chunk);
          check(reader.finish());
        };
      }
      default -> {
        InvokeModelRequest request =
            InvokeModelRequest.builder().modelId(model).body(bytes).build();
        InvokeModelResponse response =
            Invoked.model(model).body(bytes).header("Input-Token-Count", header).asResponse();
        return operation == 3
            ? () -> check(Readers.invokeModel(request, response))
            : () -> check(RequestedUnits.of(request));
      }
    }
  }

  /** A Converse response whose counts are taken from the mutant's bytes. */
  private static ConverseResponse oddConverse(SdkBytes bytes) {
    byte[] odd = bytes.asByteArray();
    int[] numbers = new int[6];
    for (int i = 0; i < odd.length && i < 24; i++) {
      numbers[i % 6] = numbers[i % 6] << 8 | odd[odd.length - 1 - i];
    }
    return ConverseResponse.builder()
        .usage(
            u ->
                u.inputTokens(numbers[0])
                    .outputTokens(numbers[1])
                    .cacheReadInputTokens(numbers[2])
                    .cacheWriteInputTokens(numbers[3])
                    .totalTokens(numbers[4])
                    .cacheDetails(CacheDetail.builder().ttl("1h").inputTokens(numbers[5]).build()))
        .build();
  }

  private static void check(Reading reading) {
    Usage usage = reading.usage();
    if (usage != null) {
      usage.forEach(
          (meter, count) -> {
            if (count < 0) {
              throw new AssertionError(meter + " " + count);
            }
          });
      assertThat(usage.totalTokens()).isNotNegative(); // and no overflow
    }
  }

  static List<byte[]> bodies() {
    List<byte[]> bodies = new ArrayList<>();
    for (String body : SYNTHETIC) {
      bodies.add(body.getBytes(StandardCharsets.UTF_8));
    }
    if (Recording.available()) {
      for (Recording recording : Recording.all()) {
        bodies.addAll(recording.documents());
      }
    }
    return bodies;
  }
}
