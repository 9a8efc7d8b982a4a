// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.testkit.ReceivedRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TagsTest {
  private Scene scene = Scene.unlimited();

  @AfterEach
  void close() {
    scene.close();
  }

  private Map<String, String> toldTags() {
    return scene.listener.usage().call().tags().asMap();
  }

  private ReceivedRequest sent() {
    assertThat(scene.bedrock.requests()).hasSize(1);
    return scene.bedrock.requests().get(0);
  }

  @Test
  void theRequestsOwnTagsWinOverTheScopeItsMetadataAndTheDefaults() {
    scene.close();
    scene =
        new Scene(
            s ->
                s.metadataTags("a", "b", "c")
                    .tags(Tags.of("a", "default", "b", "default", "c", "default", "d", "default")));

    try (BedrockMeter.Scope scope = BedrockMeter.openScope(Tags.of("a", "scope", "b", "scope"))) {
      assertThat(scope).isNotNull();
      scene.client.converse(
          Scene.converse(CLAUDE, 20).toBuilder()
              .requestMetadata(Map.of("a", "metadata", "b", "metadata", "c", "metadata"))
              .overrideConfiguration(BedrockMeter.tags("a", "request"))
              .build());
    }

    assertThat(toldTags())
        .containsExactly(
            Map.entry("a", "request"),
            Map.entry("b", "scope"),
            Map.entry("c", "metadata"),
            Map.entry("d", "default"));
  }

  @Test
  void aSourceOfTheThreadsTagsComesAfterScopesAndBeforeMetadata() {
    scene.close();
    scene =
        new Scene(
            s ->
                s.metadataTags("b", "c")
                    .tagSource(() -> Tags.of("a", "source", "b", "source"))
                    .tags(Tags.of("b", "default", "d", "default")));

    try (BedrockMeter.Scope scope = BedrockMeter.openScope(Tags.of("a", "scope"))) {
      assertThat(scope).isNotNull();
      scene.client.converse(
          Scene.converse(CLAUDE, 20).toBuilder()
              .requestMetadata(Map.of("b", "metadata", "c", "metadata"))
              .build());
    }

    assertThat(toldTags())
        .containsExactly(
            Map.entry("a", "scope"),
            Map.entry("b", "source"),
            Map.entry("c", "metadata"),
            Map.entry("d", "default"));
  }

  @Test
  void aSourceThatFailsGivesNoTagsAndTheCallIsMade() {
    scene.close();
    scene =
        new Scene(
            s ->
                s.tagSource(
                        () -> {
                          throw new NoClassDefFoundError("a class of the framework");
                        })
                    .tags(Tags.of("d", "default")));

    scene.client.converse(Scene.converse(CLAUDE, 20));

    assertThat(toldTags()).containsExactly(Map.entry("d", "default"));
    assertThat(sent().bodyText()).contains("\"d\":\"default\"");
  }

  @Test
  void innerScopesWinAndEnd() {
    try (BedrockMeter.Scope outer = BedrockMeter.openScope(Tags.of("team", "a", "env", "dev"))) {
      try (BedrockMeter.Scope inner = BedrockMeter.openScope(Tags.of("team", "b"))) {
        scene.client.converse(Scene.converse(CLAUDE, 20));
        assertThat(inner).isNotSameAs(outer);
      }
      scene.client.converse(Scene.converse(CLAUDE, 20));
    }
    scene.client.converse(Scene.converse(CLAUDE, 20));

    assertThat(scene.listener.usages())
        .extracting(event -> event.call().tags().toString())
        .containsExactly("{env=dev, team=b}", "{env=dev, team=a}", "{}");
  }

  @Test
  void tagsAreStampedIntoConversesMetadata() {
    scene.client.converse(
        Scene.converse(CLAUDE, 20).toBuilder()
            .requestMetadata(Map.of("ticket", "T-1"))
            .overrideConfiguration(BedrockMeter.tags("team", "search"))
            .build());

    assertThat(sent().bodyText())
        .contains("\"requestMetadata\":{")
        .contains("\"ticket\":\"T-1\"")
        .contains("\"team\":\"search\"");
  }

  @Test
  void tagsAreStampedIntoInvokeModelsHeaderBesideTheCallersOwn() {
    scene.client.invokeModel(
        Scene.invokeClaude(20).toBuilder()
            .overrideConfiguration(
                c -> {
                  c.putHeader("x-amzn-bedrock-request-metadata", "{\"ticket\":\"T-1\"}");
                  BedrockMeter.tags("team", "se\\arch", "env", "prod").accept(c);
                })
            .build());

    assertThat(sent().header("X-Amzn-Bedrock-Request-Metadata"))
        .hasValueSatisfying(
            json ->
                assertThat(json)
                    .contains("\"ticket\":\"T-1\"")
                    .contains("\"env\":\"prod\"")
                    .doesNotContain("arch"));
  }

  @Test
  void theCallersMetadataIsNeverChanged() {
    scene.client.converse(
        Scene.converse(CLAUDE, 20).toBuilder()
            .requestMetadata(Map.of("team", "as the caller wrote it"))
            .overrideConfiguration(BedrockMeter.tags("team", "search"))
            .build());

    assertThat(sent().bodyText()).contains("\"team\":\"as the caller wrote it\"");
    assertThat(toldTags()).containsEntry("team", "search");
  }

  @Test
  void whatBedrockWouldRefuseIsCountedButNotSent() {
    Map<String, String> many = new LinkedHashMap<>();
    for (int i = 0; i < 20; i++) {
      many.put("tag%02d".formatted(i), "v");
    }
    many.put("umlaut", "ä");
    many.put("long", "x".repeat(257));

    scene.client.converse(
        Scene.converse(CLAUDE, 20).toBuilder()
            .overrideConfiguration(BedrockMeter.tags(Tags.of(many)))
            .build());

    assertThat(toldTags()).hasSize(22);
    assertThat(sent().bodyText())
        .contains("tag00", "tag14", "bedrockMeterCall")
        .doesNotContain("tag15", "umlaut", "\"long\"");
  }

  @Test
  void stampingCanBeSwitchedOff() {
    scene.close();
    scene = new Scene(s -> s.stampTags(false).stampCallId(false).tags(Tags.of("team", "search")));

    scene.client.converse(Scene.converse(CLAUDE, 20));

    assertThat(sent().bodyText()).doesNotContain("requestMetadata");
    assertThat(toldTags()).containsEntry("team", "search");
  }

  @Test
  void withoutTagsAndIdTheRequestIsTheCallersOwn() {
    scene.close();
    scene = new Scene(s -> s.stampCallId(false));

    scene.client.converse(Scene.converse(CLAUDE, 20));

    assertThat(sent().bodyText()).doesNotContain("requestMetadata");
  }

  @Test
  void badTagsAreRefusedWhereTheyAreWritten() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tags.of("team"))
        .withMessageContaining("has no value: 'team'");
    assertThatIllegalArgumentException().isThrownBy(() -> Tags.of("team", "a", "team", "b"));
    assertThatIllegalArgumentException().isThrownBy(() -> Tags.of(" ", "a"));
  }

  @Test
  void tagsAreOneLineInALog() {
    Map<String, String> many = new LinkedHashMap<>();
    for (int i = 0; i < 1_000; i++) {
      many.put("tag%03d".formatted(i), "v".repeat(100));
    }

    assertThat(Tags.of("team", "a\r\nConverse m Completed: \u001b[2J", "na\nme", "v"))
        .hasToString("{na\\nme=v, team=a\\r\\nConverse m Completed: \\u001b[2J}");
    assertThat(Tags.of("team", "x".repeat(1_000)).toString()).hasSizeLessThan(300);
    assertThat(Tags.of(many).toString()).hasSizeLessThan(3_000).endsWith(", ...}");
  }
}
