// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.testkit.ReceivedRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** The id of a call in the metadata that Bedrock logs: a lost call is found by it. */
class CallIdTest {
  private static final String HEADER = "X-Amzn-Bedrock-Request-Metadata";

  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private void with(UnaryOperator<BedrockMeter.Builder> settings) {
    scene.close();
    scene = new Scene(settings);
  }

  private ReceivedRequest sent() {
    List<ReceivedRequest> all = scene.bedrock.requests();
    return all.get(all.size() - 1);
  }

  /** The pair that carries the id of the call reserved last, as JSON. */
  private String pair() {
    List<MeteredCall> calls = scene.listener.reserved();
    return "\"bedrockMeterCall\":\"" + calls.get(calls.size() - 1).id() + "\"";
  }

  @Test
  void everyOperationThatCanCarriesTheIdOfItsCall() {
    scene.client.converse(Scene.converse(CLAUDE, 20));
    assertThat(sent().bodyText()).contains("\"requestMetadata\":{" + pair() + "}");

    scene.client.invokeModel(Scene.invokeClaude(20));
    assertThat(sent().header(HEADER)).hasValue("{" + pair() + "}");

    Scene.await(
        scene.async.converseStream(Scene.converseStream(CLAUDE, 20), StreamCollector.converse()));
    assertThat(sent().bodyText()).contains("\"requestMetadata\":{" + pair() + "}");

    Scene.await(
        scene.async.invokeModelWithResponseStream(
            Scene.invokeClaudeStream(20), StreamCollector.invoke()));
    assertThat(sent().header(HEADER)).hasValue("{" + pair() + "}");

    assertThat(scene.listener.usages())
        .extracting(event -> event.call().id())
        .doesNotHaveDuplicates();
  }

  @Test
  void tagsStayInTheMeterAndTheIdIsSentWhereTagsAreNotStamped() {
    with(s -> s.stampTags(false).tags(Tags.of("team", "search")));

    scene.client.converse(Scene.converse(CLAUDE, 20));

    assertThat(sent().bodyText()).contains(pair()).doesNotContain("search");
  }

  @Test
  void theIdCanBeSwitchedOff() {
    with(s -> s.stampCallId(false).tags(Tags.of("team", "search")));

    scene.client.converse(Scene.converse(CLAUDE, 20));
    scene.client.invokeModel(Scene.invokeClaude(20));

    assertThat(scene.bedrock.requests().get(0).bodyText())
        .contains("\"requestMetadata\":{\"team\":\"search\"}");
    assertThat(sent().header(HEADER)).hasValue("{\"team\":\"search\"}");
  }

  @Test
  void theIdHasAPlaceBeforeTheTagsAndAfterTheCallersOwn() {
    with(
        s -> {
          Map<String, String> tags = new LinkedHashMap<>();
          for (int i = 0; i < 16; i++) {
            tags.put("tag%02d".formatted(i), "v");
          }
          return s.tags(Tags.of(tags));
        });

    scene.client.converse(
        Scene.converse(CLAUDE, 20).toBuilder().requestMetadata(Map.of("own", "x")).build());

    assertThat(sent().bodyText())
        .contains("\"own\":\"x\"", pair(), "tag13")
        .doesNotContain("tag14", "tag15");
  }

  @Test
  void sixteenPairsOfTheCallersOwnStayAsTheyAre() {
    Map<String, String> own = new LinkedHashMap<>();
    for (int i = 0; i < 16; i++) {
      own.put("own%02d".formatted(i), "v");
    }

    scene.client.converse(Scene.converse(CLAUDE, 20).toBuilder().requestMetadata(own).build());

    assertThat(sent().bodyText()).contains("own00", "own15").doesNotContain("bedrockMeterCall");
  }

  @Test
  void anIdThatTheCallerMadeUpIsReplaced() {
    scene.client.converse(
        Scene.converse(CLAUDE, 20).toBuilder()
            .requestMetadata(Map.of("bedrockMeterCall", "made-up", "own", "x"))
            .build());

    assertThat(sent().bodyText()).contains(pair(), "\"own\":\"x\"").doesNotContain("made-up");
  }

  @Test
  void theMetadataOfAClientsOwnHeaderIsSentAlone() {
    BedrockRuntimeClient client =
        scene
            .bedrock
            .clientBuilder()
            .overrideConfiguration(
                ClientOverrideConfiguration.builder()
                    .retryStrategy(r -> r.maxAttempts(1))
                    .putHeader(HEADER, "{\"ticket\":\"T-1\"}")
                    .build())
            .build();

    scene.meter.wrap(client).invokeModel(Scene.invokeClaude(20));

    assertThat(sent().headers().get(HEADER)).containsExactly("{\"ticket\":\"T-1\"}");
  }

  @Test
  void theMetadataOfInvokeModelsFieldIsKept() {
    scene.client.invokeModel(Scene.withMetadata(Scene.invokeClaude(20), "{\"ticket\":\"T-1\"}"));

    assertThat(sent().headers().get(HEADER)).containsExactly("{\"ticket\":\"T-1\"," + pair() + "}");
  }

  @Test
  void metadataThatIsNotTextIsSentAsItIs() {
    scene.client.invokeModel(Scene.withMetadata(Scene.invokeClaude(20), "{\"ticket\":{\"id\":1}}"));

    assertThat(sent().header(HEADER)).hasValue("{\"ticket\":{\"id\":1}}");
  }
}
