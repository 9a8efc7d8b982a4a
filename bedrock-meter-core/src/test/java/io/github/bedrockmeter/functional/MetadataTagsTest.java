// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.Tags;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;

/** Tags from a request's own metadata: which names are read, from what, and what wins. */
class MetadataTagsTest {
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

  private static Budget perTenant(long limit) {
    return Budget.named("tenant")
        .limit(Amount.requests(limit))
        .window(Window.lifetime())
        .per("tenant")
        .build();
  }

  private static ConverseRequest converse(Map<String, String> metadata) {
    return Scene.converse(CLAUDE, 20).toBuilder().requestMetadata(metadata).build();
  }

  private String tags() {
    return scene.listener.usage().call().tags().toString();
  }

  @Test
  void aNameThatWasNotDeclaredIsNoTag() {
    scene.client.converse(converse(Map.of("messageType", "USER", "tenant", "acme")));

    assertThat(tags()).isEqualTo("{}");
    assertThat(scene.bedrock.requests().get(0).bodyText())
        .contains("\"messageType\":\"USER\"", "\"tenant\":\"acme\"");
  }

  @Test
  void namesThatBudgetsRulesAndTheBuilderNameAreDeclared() {
    with(
        s ->
            s.budget(perTenant(10))
                .requireTag("app")
                .optionalTag("env", "dev", "prod")
                .metadataTags("costCenter", "ticket"));

    scene.client.converse(
        converse(
            Map.of(
                "tenant", "acme", "app", "chat", "env", "dev", "costCenter", "c1", "other", "x")));

    assertThat(tags()).isEqualTo("{app=chat, costCenter=c1, env=dev, tenant=acme}");
  }

  @Test
  void budgetsThatAreReplacedDeclareOtherNames() {
    with(s -> s.budget(perTenant(10)));
    scene.meter.replaceBudgets(
        List.of(
            Budget.named("user")
                .limit(Amount.requests(10))
                .window(Window.lifetime())
                .per("user")
                .build()),
        "test");

    scene.client.converse(converse(Map.of("tenant", "acme", "user", "ann")));

    assertThat(tags()).isEqualTo("{user=ann}");
  }

  @Test
  void aTenantMadeUpInMetadataDoesNotOutrankTheApplicationsScope() {
    with(s -> s.budget(perTenant(30)));

    int granted = 0;
    try (BedrockMeter.Scope scope = BedrockMeter.openScope(Tags.of("tenant", "acme"))) {
      assertThat(scope).isNotNull();
      for (int i = 0; i < 50; i++) {
        try {
          scene.client.converse(converse(Map.of("tenant", "made-up-" + i)));
          granted++;
        } catch (BudgetExceededException denied) {
          assertThat(denied.denial().scope()).isEqualTo("tenant=acme");
        }
      }
    }

    assertThat(granted).isEqualTo(30);
    assertThat(scene.listener.usages())
        .hasSize(30)
        .allMatch(event -> event.call().tags().equals(Tags.of("tenant", "acme")));
    assertThat(Scene.await(scene.meter.status()))
        .extracting(BudgetStatus::scope)
        .containsExactly("tenant=acme");
  }

  @Test
  void metadataWinsOverTheDefaultsAlone() {
    with(
        s ->
            s.metadataTags("a", "b", "c")
                .tags(Tags.of("a", "default", "b", "default", "c", "default")));

    try (BedrockMeter.Scope scope = BedrockMeter.openScope(Tags.of("a", "scope", "b", "scope"))) {
      assertThat(scope).isNotNull();
      scene.client.converse(
          converse(Map.of("a", "metadata", "b", "metadata", "c", "metadata")).toBuilder()
              .overrideConfiguration(BedrockMeter.tags("a", "request"))
              .build());
    }

    assertThat(tags()).isEqualTo("{a=request, b=scope, c=metadata}");
  }

  @Test
  void metadataComesFirstWhereTheApplicationTrustsIt() {
    with(s -> s.metadataTags("a").metadataFirst(true).tags(Tags.of("d", "default")));

    try (BedrockMeter.Scope scope = BedrockMeter.openScope(Tags.of("a", "scope", "b", "scope"))) {
      assertThat(scope).isNotNull();
      scene.client.converse(
          converse(Map.of("a", "metadata", "b", "metadata")).toBuilder()
              .overrideConfiguration(BedrockMeter.tags("a", "request"))
              .build());
    }

    assertThat(tags()).isEqualTo("{a=metadata, b=scope, d=default}");
  }

  @Test
  void invokeModelsMetadataIsReadFromItsFieldAndFromItsHeader() {
    with(s -> s.metadataTags("tenant", "user"));

    scene.client.invokeModel(
        Scene.withMetadata(Scene.invokeClaude(20), "{\"tenant\":\"acme\",\"other\":\"x\"}"));
    scene.client.invokeModel(
        Scene.invokeClaude(20).toBuilder()
            .overrideConfiguration(
                c -> c.putHeader("x-amzn-bedrock-request-metadata", "{\"user\":\"ann\"}"))
            .build());

    assertThat(scene.listener.usages())
        .extracting(event -> event.call().tags().toString())
        .containsExactly("{tenant=acme}", "{user=ann}");
  }

  @Test
  void theFieldIsReadWhereBothAreSet() {
    with(s -> s.metadataTags("tenant"));
    InvokeModelRequest both =
        Scene.withMetadata(
            Scene.invokeClaude(20).toBuilder()
                .overrideConfiguration(c -> c.putHeader(HEADER, "{\"tenant\":\"header\"}"))
                .build(),
            "{\"tenant\":\"field\"}");

    scene.client.invokeModel(both);

    assertThat(tags()).isEqualTo("{tenant=field}");
  }

  @Test
  void streamsMetadataIsReadToo() {
    with(s -> s.metadataTags("tenant"));

    Scene.await(
        scene.async.converseStream(
            Scene.converseStream(CLAUDE, 20).toBuilder()
                .requestMetadata(Map.of("tenant", "acme"))
                .build(),
            StreamCollector.converse()));
    Scene.await(
        scene.async.invokeModelWithResponseStream(
            Scene.withMetadata(Scene.invokeClaudeStream(20), "{\"tenant\":\"acme\"}"),
            StreamCollector.invoke()));

    assertThat(scene.listener.usages())
        .extracting(event -> event.call().tags().toString())
        .containsExactly("{tenant=acme}", "{tenant=acme}");
  }

  @Test
  void aBlankOrMissingKeyOrValueLeavesOutThatPairAlone() {
    with(s -> s.metadataTags("tenant", "user", "team"));

    scene.client.converse(converse(Map.of("tenant", "acme", " ", "x", "user", " ")));
    scene.client.invokeModel(
        Scene.withMetadata(
            Scene.invokeClaude(20),
            "{\"tenant\":\"acme\",\"\":\"x\",\"user\":null,\"team\":{\"a\":\"b\"}}"));

    assertThat(scene.listener.usages())
        .extracting(event -> event.call().tags().toString())
        .containsExactly("{tenant=acme}", "{tenant=acme}");
  }

  @Test
  void aHeaderThatIsNoJsonIsSentAsItIs() {
    with(s -> s.metadataTags("tenant"));
    scene.client.invokeModel(
        Scene.invokeClaude(20).toBuilder()
            .overrideConfiguration(c -> c.putHeader(HEADER, "tenant=acme"))
            .build());

    assertThat(scene.bedrock.requests().get(0).header(HEADER)).hasValue("tenant=acme");
    assertThat(tags()).isEqualTo("{}");
  }

  @Test
  void tagsGivenTwiceToOneRequestAddUp() {
    scene.client.converse(
        Scene.converse(CLAUDE, 20).toBuilder()
            .overrideConfiguration(
                c -> {
                  BedrockMeter.tags("tenant", "acme", "env", "dev").accept(c);
                  BedrockMeter.tags("user", "ann", "env", "prod").accept(c);
                })
            .build());

    assertThat(tags()).isEqualTo("{env=prod, tenant=acme, user=ann}");
  }

  @Test
  void aBlankNameIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BedrockMeter.builder().metadataTags("tenant", " "))
        .withMessageContaining("must not be blank");
  }
}
