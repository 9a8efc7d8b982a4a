// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamResponseHandler;

/**
 * Real recordings, replayed through the real SDK clients with and without the meter: the counts are
 * what the recording says, and the caller sees no difference. The recordings are not part of this
 * project; the folder is named by the environment variable {@code BEDROCKMETER_CORPUS}.
 */
class RecordedCorpusTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REQUEST_ID = "x-amzn-requestid";

  @Test
  void everyRecordingIsReadExactlyAndTheCallerSeesNoDifference() throws IOException {
    String folder = System.getenv("BEDROCKMETER_CORPUS");
    assumeTrue(
        folder != null && !folder.isEmpty(),
        "SKIPPED: BEDROCKMETER_CORPUS is not set; name the folder of recordings to replay them");
    List<Path> files;
    try (Stream<Path> listed = Files.list(Path.of(folder))) {
      files = listed.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    assertThat(files).as("recordings in " + folder).isNotEmpty();

    Map<String, String> differences = new LinkedHashMap<>();
    try (FakeBedrock bedrock = FakeBedrock.start();
        BedrockRuntimeAsyncClient plainAsync =
            bedrock
                .asyncClientBuilder()
                .httpClientBuilder(NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP1_1))
                .build()) {
      for (Path file : files) {
        try {
          replay(JSON.readTree(file.toFile()), bedrock, bedrock.client(), plainAsync);
        } catch (AssertionError | RuntimeException difference) {
          differences.put(
              String.valueOf(file.getFileName()), String.valueOf(difference.getMessage()));
        }
      }
    }
    System.out.printf(
        "%d of %d recordings exact%n", files.size() - differences.size(), files.size());
    assertThat(differences).isEmpty();
  }

  private static void replay(
      JsonNode recording,
      FakeBedrock bedrock,
      BedrockRuntimeClient plain,
      BedrockRuntimeAsyncClient plainAsync) {
    bedrock.onAnyModel().reply(reply(recording.get("response")));
    RecordingListener listener = new RecordingListener();
    BedrockMeter meter = BedrockMeter.builder().listener(listener).build();

    Seen without = call(recording, plain, plainAsync);
    Seen with = call(recording, meter.wrap(plain), meter.wrap(plainAsync));

    assertThat(with).isEqualTo(without);
    JsonNode expected = recording.get("expected");
    if (recording.get("operation").asText().equals("CountTokens")) {
      assertThat(listener.sequence()).isEmpty();
    } else if (!without.failure.isEmpty()) {
      boolean producedOutput = !without.answer.isEmpty();
      assertThat(listener.usage().charge())
          .isEqualTo(producedOutput ? Charge.ESTIMATED : Charge.RELEASED);
    } else {
      check(expected, listener.usage());
    }
  }

  private static Reply reply(JsonNode response) {
    Map<String, String> headers = new LinkedHashMap<>();
    response
        .get("headers")
        .properties()
        .forEach(header -> headers.put(header.getKey(), header.getValue().asText()));
    // With the date of the recording the SDK corrects its clock, and repeats some of the errors.
    headers.keySet().removeIf("date"::equalsIgnoreCase);
    if (headers.keySet().stream().noneMatch(REQUEST_ID::equalsIgnoreCase)) {
      headers.put(REQUEST_ID, "not-recorded");
    }
    byte[] body =
        response.hasNonNull("bodyBase64")
            ? Base64.getDecoder().decode(response.get("bodyBase64").asText())
            : response.path("body").asText("").getBytes(StandardCharsets.UTF_8);
    return Reply.recorded(response.get("status").asInt(), headers, body);
  }

  /** What a caller sees of a call: the answer or its parts, and how it failed, or nothing. */
  private record Seen(List<Object> answer, String failure) {}

  private static Seen call(
      JsonNode recording, BedrockRuntimeClient sync, BedrockRuntimeAsyncClient async) {
    String modelId = recording.path("modelId").asText("");
    String body = recording.path("request").path("body").asText("");
    SdkBytes bytes = SdkBytes.fromUtf8String(body.isEmpty() || body.equals("null") ? "{}" : body);
    List<Object> seen = new CopyOnWriteArrayList<>();
    try {
      switch (recording.get("operation").asText()) {
        case "Converse" -> seen.add(sync.converse(r -> r.modelId(modelId)));
        case "InvokeModel" -> {
          InvokeModelResponse response = sync.invokeModel(r -> r.modelId(modelId).body(bytes));
          seen.add(response);
          seen.add(response.body().asUtf8String());
        }
        case "CountTokens" -> seen.add(sync.countTokens(r -> r.modelId(modelId)));
        case "ApplyGuardrail" ->
            seen.add(
                sync.applyGuardrail(
                    r -> r.guardrailIdentifier("recorded").guardrailVersion("1").source("INPUT")));
        case "ConverseStream" ->
            async
                .converseStream(
                    r -> r.modelId(modelId),
                    ConverseStreamResponseHandler.builder()
                        .subscriber(event -> seen.add(event.toString() + event.hashCode()))
                        .build())
                .join();
        case "InvokeModelWithResponseStream" ->
            async
                .invokeModelWithResponseStream(
                    r -> r.modelId(modelId).body(bytes),
                    InvokeModelWithResponseStreamResponseHandler.builder()
                        .subscriber(event -> seen.add(event.toString() + event.hashCode()))
                        .build())
                .join();
        default -> throw new IllegalArgumentException("no such operation: " + recording);
      }
      return new Seen(List.copyOf(seen), "");
    } catch (AwsServiceException failure) {
      return new Seen(List.copyOf(seen), described(failure));
    } catch (CompletionException failure) {
      return new Seen(List.copyOf(seen), described(unwrapped(failure)));
    }
  }

  private static Throwable unwrapped(CompletionException failure) {
    return failure.getCause() == null ? failure : failure.getCause();
  }

  private static String described(Throwable failure) {
    String status =
        failure instanceof AwsServiceException service ? service.statusCode() + " " : "";
    return failure.getClass().getName() + " " + status + failure.getMessage();
  }

  private static void check(JsonNode expected, UsageEvent event) {
    Usage usage = event.usage();
    List<String> wrong = new ArrayList<>();
    compare("inputTokens", expected, usage.inputTokens(), usage.sources().of(Meter.INPUT), wrong);
    compare(
        "outputTokens", expected, usage.outputTokens(), usage.sources().of(Meter.OUTPUT), wrong);
    compare(
        "cacheRead",
        expected,
        usage.cacheReadTokens(),
        usage.sources().of(Meter.CACHE_READ),
        wrong);
    if (expected.hasNonNull("cacheWrite")
        && usage.cacheWriteTokens() != expected.get("cacheWrite").asLong()) {
      wrong.add("cacheWrite " + usage.cacheWriteTokens() + " for " + expected.get("cacheWrite"));
    }
    compare("cacheWrite5m", expected, usage.cacheWrite5mTokens(), Source.INFERRED, wrong);
    compare("cacheWrite1h", expected, usage.cacheWrite1hTokens(), Source.INFERRED, wrong);
    expected
        .path("guardrailUnits")
        .properties()
        .forEach(
            units -> {
              String policy = units.getKey().replaceAll("Units$", "");
              long counted = usage.count(Meter.guardrailUnits(policy));
              if (counted != units.getValue().asLong()) {
                wrong.add(policy + " " + counted + " for " + units.getValue());
              }
            });
    assertThat(wrong).isEmpty();
  }

  /** A stated count is read as it stands; one that is not stated is zero, or known as estimated. */
  private static void compare(
      String field, JsonNode expected, long counted, Source source, List<String> wrong) {
    if (expected.hasNonNull(field)) {
      if (counted != expected.get(field).asLong() || source == Source.ESTIMATED) {
        wrong.add(field + " " + counted + " (" + source + ") for " + expected.get(field));
      }
    } else if (counted != 0 && !field.startsWith("cacheWrite") && source != Source.ESTIMATED) {
      wrong.add(field + " " + counted + " (" + source + ") where nothing is stated");
    }
  }
}
