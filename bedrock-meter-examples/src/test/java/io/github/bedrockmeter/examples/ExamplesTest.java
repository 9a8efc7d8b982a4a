// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every example prints the answer to the question in its first line. */
class ExamplesTest {
  private static final String[] NO_ARGUMENTS = {};

  @Test
  void wrapAClient() {
    List<String> lines = Captured.linesOf(() -> WrapAClient.main(NO_ARGUMENTS));

    // 20 x 0.06 + 500 x 0.24 per million
    assertThat(lines)
        .containsExactly(
            "Answer: It is sunny.", "Budget 'daily': $0.0001212 spent, $0.9998788 left");
  }

  @Test
  void writeYourOwnPolicy() {
    List<String> lines = Captured.linesOf(() -> WriteYourOwnPolicy.main(NO_ARGUMENTS));

    assertThat(lines)
        .containsExactly(
            "research called anthropic.claude-sonnet-4-6",
            "support called amazon.nova-lite-v1:0",
            "support was stopped: Denied by policy 'claude-for-research': only team research"
                + " may call Claude; call amazon.nova-lite-v1:0");
  }

  @Test
  void limitOneTenant() {
    List<String> lines = Captured.linesOf(() -> LimitOneTenant.main(NO_ARGUMENTS));

    assertThat(lines).hasSize(4);
    assertThat(lines.subList(0, 2)).containsOnly("acme: answered");
    assertThat(lines.get(2))
        .startsWith("acme: Over limit: budget 'tenant-monthly' (tenant=acme) has $0.004968 left;")
        .contains("resets in");
    assertThat(lines.get(3)).isEqualTo("globex: answered");
  }

  @Test
  void budgetsFromFile() {
    List<String> lines = Captured.linesOf(() -> BudgetsFromFile.main(NO_ARGUMENTS));

    assertThat(lines).hasSize(5);
    assertThat(lines.get(0)).isEqualTo("acme: answered");
    assertThat(lines.get(1))
        .startsWith("acme: Over limit: budget 'tenant-monthly' (tenant=acme) has $0.004984");
    assertThat(lines.subList(2, 5))
        .containsExactly(
            "3:12: '0.020 dollars' is not in USD, tokens or requests",
            "In force: [Budget 'tenant-monthly': $0.02 monthly in Z]",
            "acme: answered");
  }

  @Test
  void streamWithBudget() {
    List<String> lines = Captured.linesOf(() -> StreamWithBudget.main(NO_ARGUMENTS));

    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).isEqualTo("Once upon a time (700 tokens)");
    assertThat(lines.get(1))
        .startsWith("The handler receives: Over limit: budget 'stories' has 785 tokens left;")
        .endsWith("the limit is for all time; raise it to go on");
    assertThat(lines.get(2)).isEqualTo("The future fails: 785 tokens left");
  }

  @Test
  void listenToEvents() {
    List<String> lines = Captured.linesOf(() -> ListenToEvents.main(NO_ARGUMENTS));

    // 20 x 3.30 + 100 x 16.50 + 1,200 x 4.125 per million
    assertThat(lines)
        .containsExactlyInAnyOrder(
            "Budget 'calls': 1 request of 2 requests",
            "anthropic.claude-sonnet-4-6 cost $0.006666:",
            "     20 input",
            "    100 output",
            "  1,200 cacheWrite.5m",
            "anthropic.claude-sonnet-4-6 cost $0.006666:",
            "     20 input",
            "    100 output",
            "  1,200 cacheWrite.5m",
            "Denied: Over limit: budget 'calls' has 0 requests left; the call was estimated at 1 request; the"
                + " limit is for all time; raise it to go on");
  }

  @Test
  void answerADenial() {
    List<String> lines =
        Captured.linesOf(
            () -> {
              try {
                AnswerADenial.main(NO_ARGUMENTS);
              } catch (IOException | InterruptedException failure) {
                throw new AssertionError(failure);
              }
            });

    assertThat(lines)
        .containsExactly(
            "200 A summary.",
            "429 Over limit (Retry-After: 10800)",
            "402 Never fits",
            "400 Tag missing");
  }

  @Test
  void denyWithFallbackModel() {
    List<String> lines = Captured.linesOf(() -> DenyWithFallbackModel.main(NO_ARGUMENTS));

    assertThat(lines)
        .containsExactly(
            "  asked for anthropic.claude-sonnet-4-6, sent to anthropic.claude-sonnet-4-6 []",
            "Claude's answer",
            "  asked for anthropic.claude-sonnet-4-6, sent to anthropic.claude-sonnet-4-6 []",
            "Claude's answer",
            "  asked for anthropic.claude-sonnet-4-6, sent to amazon.nova-lite-v1:0"
                + " [OtherModel[budget=claude-monthly, from=anthropic.claude-sonnet-4-6,"
                + " to=amazon.nova-lite-v1:0]]",
            "Nova's answer",
            "  asked for anthropic.claude-sonnet-4-6, sent to amazon.nova-lite-v1:0"
                + " [OtherModel[budget=claude-monthly, from=anthropic.claude-sonnet-4-6,"
                + " to=amazon.nova-lite-v1:0]]",
            "Nova's answer");
  }

  @Test
  void chooseAnEstimator() {
    List<String> lines = Captured.linesOf(() -> ChooseAnEstimator.main(NO_ARGUMENTS));

    // A prompt of 1,150 bytes, 16 for it and 16 for the request, and 1,000 tokens out
    assertThat(lines).hasSize(15).contains("bound: the next call would hold $0.0204006");
    assertThat(held(lines, "calibrated"))
        .isLessThan(held(lines, "bound").movePointLeft(1).multiply(new BigDecimal(3)));
    assertThat(held(lines, "counted")).isLessThanOrEqualTo(held(lines, "calibrated"));
  }

  private static BigDecimal held(List<String> lines, String estimator) {
    String start = estimator + ": the next call would hold $";
    return lines.stream()
        .filter(line -> line.startsWith(start))
        .map(line -> new BigDecimal(line.substring(start.length())))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void limitTeamsAndUsers() {
    List<String> lines = Captured.linesOf(() -> LimitTeamsAndUsers.main(NO_ARGUMENTS));

    assertThat(lines).hasSize(16);
    assertThat(lines.subList(0, 2)).containsOnly("team search user ann: answered");
    assertThat(lines.get(2))
        .startsWith(
            "team search user ann: Over limit: budget 'user' (team=search,user=ann) has $0.003268 left");
    assertThat(lines.get(7))
        .startsWith("team ads user cleo: Over limit: budget 'team' (team=ads) has $0.003634 left");
    assertThat(lines.get(9)).contains("Tag missing: the call must have the tags user");
    assertThat(lines.subList(10, 13))
        .containsExactly(
            "organisation : $0.01683 of $0.03",
            "team team=search: $0.013464 of $0.02",
            "team team=ads: $0.003366 of $0.007");
  }

  @Test
  void fitTheOutput() {
    List<String> lines = Captured.linesOf(() -> FitTheOutput.main(NO_ARGUMENTS));

    assertThat(lines).hasSize(5);
    assertThat(lines.subList(0, 4))
        .containsExactly(
            "sent []",
            "sent [LoweredOutput[budget=daily, from=2000, to=1809]]",
            "sent [LoweredOutput[budget=daily, from=2000, to=1205]]",
            "sent [LoweredOutput[budget=daily, from=2000, to=601]]");
    assertThat(lines.get(4)).startsWith("Over limit: budget 'daily' has $0.000136 left;");
  }

  @Test
  void waitForRoom() {
    List<String> lines = Captured.linesOf(() -> WaitForRoom.main(NO_ARGUMENTS));

    assertThat(lines)
        .containsExactlyInAnyOrder(
            "call 1 answered",
            "call 2 answered",
            "call 3 answered",
            "call 4 answered",
            "call 5 answered",
            "call 6 answered");
  }

  @Test
  void stopARunawayAgent() {
    List<String> lines = Captured.linesOf(() -> StopARunawayAgent.main(NO_ARGUMENTS));

    assertThat(lines)
        .containsExactly(
            "stopped after 6 steps: Over limit: budget 'run' (runId=run-17) has $0.00109 left; the call was"
                + " estimated at $0.0018282; the limit is for the whole run");
  }

  @Test
  void changeBudgetsAtRunTime() {
    List<String> lines = Captured.linesOf(() -> ChangeBudgetsAtRunTime.main(NO_ARGUMENTS));

    assertThat(lines.stream().map(line -> line.replaceFirst("[\\[:(].*", "").strip()))
        .containsExactly(
            "answered",
            "would deny",
            "answered",
            "ModeChanged",
            "denied",
            "not answered",
            "Granted",
            "answered",
            "Adjusted",
            "Frozen",
            "denied",
            "not answered",
            "Thawed",
            "answered");
  }

  @Test
  void stayUnderQuota() {
    List<String> lines = Captured.linesOf(() -> StayUnderQuota.main(NO_ARGUMENTS));

    assertThat(lines)
        .containsExactly(
            "20 calls waited their turn and were answered",
            "AWS quota: quota 'tokens-per-minute' (model=amazon.nova-lite-v1:0,region=us-east-1) has 40,000"
                + " tokens left; the call was estimated at 60,046 tokens; the quota here is 200,000"
                + " tokens a minute, 40,000 tokens at once; it would have to wait 8s; lower its"
                + " maxTokens, or raise waitUpTo or the headroom");
  }
}
