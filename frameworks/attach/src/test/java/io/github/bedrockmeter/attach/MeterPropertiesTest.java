// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.attach;

import static io.github.bedrockmeter.attach.Applications.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** A meter that a file describes, for clients of code that knows nothing of it. */
class MeterPropertiesTest {
  private static final String TWO_CALLS =
      """
      budgets:
        - name: calls
          limit: 2 requests
          window: lifetime
      """;

  private final FakeBedrock bedrock = FakeBedrock.start();

  @TempDir Path folder;

  MeterPropertiesTest() {
    bedrock.onAnyModel().reply(Reply.text("one").inputTokens(11).outputTokens(23));
  }

  @AfterEach
  void close() {
    System.clearProperty("bedrockmeter.properties");
    bedrock.close();
  }

  private BedrockRuntimeClient client(String properties) throws Exception {
    Files.writeString(folder.resolve("bedrock-meter.properties"), properties);
    return Applications.in(
        Applications.over(folder.toUri().toURL()), () -> bedrock.clientBuilder().build());
  }

  @Test
  void aFileOnTheClassPathLimitsAllClientsTogether() throws Exception {
    Files.writeString(folder.resolve("budgets.yaml"), TWO_CALLS);
    BedrockRuntimeClient one = client("budgets=classpath:budgets.yaml\n");
    BedrockRuntimeClient two = client("budgets=classpath:budgets.yaml\n");
    call(one);
    call(two);

    assertThatThrownBy(() -> call(one))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("calls");
    assertThatThrownBy(() -> call(two)).isInstanceOf(BudgetExceededException.class);
    assertThat(bedrock.requests()).hasSize(2);
  }

  @Test
  void aSystemPropertyNamesAFileForProgramsThatCannotBeChanged() throws Exception {
    Path budgets = Files.writeString(folder.resolve("budgets.yaml"), TWO_CALLS);
    Path file =
        Files.writeString(folder.resolve("elsewhere.properties"), "budgets=" + budgets + "\n");
    System.setProperty("bedrockmeter.properties", file.toString());
    BedrockRuntimeClient client = bedrock.client();
    call(client);
    call(client);

    assertThatThrownBy(() -> call(client)).isInstanceOf(BudgetExceededException.class);
    System.clearProperty("bedrockmeter.properties");
    // So that the other tests' clients, built above all applications, are not limited by it.
    bedrock.clientBuilder().build().close();
  }

  @Test
  void callsAreLoggedWithTheFilesTags() throws Exception {
    try (Logged logged = new Logged()) {
      call(client("log=true\ntags.team=search\nprices=bundled\n"));

      assertThat(logged.lines("{team=search}"))
          .singleElement()
          .asString()
          .contains("11 in, 23 out")
          .contains("$");
    }
  }

  @Test
  void aFileThatSaysSoChangesNothing() throws Exception {
    BedrockRuntimeClient client = client("enabled=false\nbudgets=classpath:budgets.yaml\n");
    call(client);

    assertThat(bedrock.requests()).hasSize(1);
  }

  @TestFactory
  Stream<DynamicTest> aFileThatCannotDoWhatItsAuthorMeantFailsTheClient() {
    return Stream.of(
        wrong("budget=classpath:budgets.yaml", "did you mean 'budgets'?"),
        wrong("budgets=classpath:none.yaml", "not on the class path: none.yaml"),
        wrong("budgets=budgets.yaml", "classpath:"),
        wrong("prices=bundled", "it has no effect without \"budgets\""),
        wrong("log=yes", "\"log\" is true or false: yes"),
        wrong("log=true\nprices=mine", "\"prices\" is bundled or none: mine"),
        wrong("log=true\ndefaultMaxOutputTokens=4k", "a number, such as 4096: 4k"),
        wrong("log=true\ntags.=search", "the key \"tags.\" is unknown"));
  }

  private DynamicTest wrong(String properties, String message) {
    return DynamicTest.dynamicTest(
        properties,
        () ->
            assertThatThrownBy(() -> client(properties))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("bedrock-meter.properties, at ")
                .hasMessageContaining(message));
  }

  @Test
  void aSystemPropertyThatNamesNoFileFailsTheClient() {
    System.setProperty("bedrockmeter.properties", folder.resolve("none").toString());

    assertThatThrownBy(() -> bedrock.clientBuilder().build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("must name a file");
  }
}
