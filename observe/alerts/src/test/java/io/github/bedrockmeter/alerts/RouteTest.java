// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.bedrockmeter.alerts.Alert.Kind;
import io.github.bedrockmeter.alerts.Alert.Severity;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.event.MeterListener.BypassEvent;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Which alerts go to which channel, and what is refused when alerts are built. */
class RouteTest {
  private final FakeTime time = FakeTime.at("2026-11-30T10:00:00Z");

  /** Kinds and budgets that a channel gets of a freeze, a grant, a bypass and a denial. */
  private List<String> taken(Route route) throws Exception {
    List<String> taken = new ArrayList<>();
    Alerts alerts =
        Alerts.builder()
            .channel(
                message -> message.alerts().forEach(a -> taken.add(a.kind() + " " + a.budget())),
                route)
            .clock(time)
            .nanoClock(time)
            .withoutThread()
            .build();
    alerts.onBudgetChanged(new BudgetChange.Frozen("daily", "", "why"));
    alerts.onBudgetChanged(new BudgetChange.Removed("monthly", "", Scene.daily().build(), "why"));
    alerts.onBudgetChanged(new BudgetChange.Added("daily", "", Scene.daily().build(), "why"));
    alerts.onBypass(new BypassEvent("why", Instant.parse("2026-11-30T12:00:00Z"), true));
    alerts.onDenied(
        new DenialEvent(
            SampleCalls.converse().startedAt(time.instant()).build(),
            (BudgetDecision.Denied) BudgetDecision.denied("guard", "no"),
            true));
    alerts.work();
    alerts.close();
    return taken;
  }

  @Test
  void aChannelTakesWhatItsRouteSays() throws Exception {
    assertThat(taken(Route.from(Severity.INFO)))
        .containsExactly(
            "FROZEN daily",
            "BUDGET_CHANGED monthly",
            "BUDGET_CHANGED daily",
            "BYPASS null",
            "FIRST_DENIAL guard");
    assertThat(taken(Route.from(Severity.CRITICAL))).containsExactly("BYPASS null");
    assertThat(taken(Route.from(Severity.WARNING).kinds(Kind.FROZEN, Kind.FIRST_DENIAL)))
        .containsExactly("FROZEN daily", "FIRST_DENIAL guard");
    assertThat(taken(Route.from(Severity.WARNING).without(Kind.BYPASS)))
        .containsExactly("FROZEN daily", "BUDGET_CHANGED monthly", "FIRST_DENIAL guard");
    assertThat(taken(Route.from(Severity.INFO).budgets("monthly")))
        .as("and what is about no budget")
        .containsExactly("BUDGET_CHANGED monthly", "BYPASS null");
    assertThat(
            taken(
                Route.from(Severity.CRITICAL)
                    .budgets(
                        name -> {
                          throw new IllegalStateException();
                        })))
        .containsExactly("BYPASS null");
  }

  @Test
  void whatIsOnlyCountedGoesWhereItsAlertsWouldGo() throws Exception {
    List<String> calm = new ArrayList<>();
    List<String> urgent = new ArrayList<>();
    Alerts alerts =
        Alerts.builder()
            .channel(message -> calm.add(message.title() + message.isDigest()))
            .channel(message -> urgent.add(message.title()), Route.from(Severity.CRITICAL))
            .clock(time)
            .nanoClock(time)
            .withoutThread()
            .build();
    for (int i = 0; i < 1_001; i++) {
      alerts.onBudgetChanged(new BudgetChange.Frozen("daily", "team=" + i, "why"));
    }
    alerts.work();

    assertThat(calm).containsExactly("1,001 alerts: 1,001 budget frozentrue");
    assertThat(urgent).isEmpty();
    alerts.close();
  }

  /** One that found no place among a thousand that no channel takes. */
  @Test
  void aDigestOfOneThatIsOnlyCountedCanBeSent() throws Exception {
    try (Receiver slack = new Receiver();
        Receiver teams = new Receiver()) {
      Route critical = Route.from(Severity.CRITICAL);
      Alerts alerts =
          Alerts.builder()
              .channel(AlertChannel.slack(slack.url()), critical)
              .channel(AlertChannel.teams(teams.url()), critical)
              .clock(time)
              .nanoClock(time)
              .withoutThread()
              .build();
      for (int i = 0; i < 1_000; i++) {
        alerts.onBudgetChanged(new BudgetChange.Frozen("daily", "team=" + i, "why"));
      }
      alerts.onBypass(new BypassEvent("why", Instant.parse("2026-11-30T12:00:00Z"), true));
      alerts.work();

      assertThat(slack.messages().toString()).contains("1 alert: 1 bypass");
      assertThat(teams.messages().toString()).contains("1 alert: 1 bypass");
      alerts.close();
    }
  }

  @Test
  void anErrorOfAChannelIsNotTriedForEver() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    Alerts alerts =
        Alerts.builder()
            .channel(
                message -> {
                  tries.incrementAndGet();
                  throw new StackOverflowError();
                })
            .clock(time)
            .nanoClock(time)
            .withoutThread()
            .build();
    alerts.onBudgetChanged(new BudgetChange.Frozen("daily", "", "why"));
    for (int i = 0; i < 100; i++) {
      alerts.work();
      time.advance(Duration.ofSeconds(1));
    }

    assertThat(tries).hasValue(1);
    assertThat(alerts.status()).isEqualTo(new Alerts.Status(0, 0, 1));
  }

  @Test
  void settingsAreChecked() {
    assertThatIllegalStateException()
        .isThrownBy(() -> Alerts.builder().build())
        .withMessage("alerts need a channel, as .channel(AlertChannel.slack(url))");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Alerts.builder().lookEvery(Duration.ZERO))
        .withMessage(
            "lookEvery must be at least a second and at most a year, for example PT30S: PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Alerts.builder().messageEvery(Duration.ofMillis(999)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Alerts.builder().repeatEvery(Duration.ofDays(400)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Alerts.builder().mostWaiting(0))
        .withMessage("mostWaiting must be positive, for example 100: 0");
    assertThatIllegalArgumentException().isThrownBy(() -> Alerts.builder().mostRemembered(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> Alerts.builder().source(" "));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Route.from(Severity.INFO).kinds(Kind.PACE).without(Kind.PACE))
        .withMessageContaining("leaves no kind");
  }

  @Test
  void theThreadEndsWhenThereIsNothingToDo() throws Exception {
    List<String> threads = new ArrayList<>();
    Alerts alerts =
        Alerts.to(
            message -> {
              synchronized (threads) {
                threads.add(Thread.currentThread().getName());
                assertThat(Thread.currentThread().isDaemon()).isTrue();
              }
            });
    assertThat(alertThreads()).isEmpty();
    alerts.onBudgetChanged(new BudgetChange.Frozen("daily", "", "why"));
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> alerts.status().sent() == 1);
    assertThat(threads).containsExactly("bedrock-meter-alerts");
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> alertThreads().isEmpty());

    alerts.onBudgetChanged(new BudgetChange.Frozen("daily", "", "again"));
    alerts.close();
    assertThat(alerts.status()).isEqualTo(new Alerts.Status(0, 2, 0));
    assertThat(alertThreads()).isEmpty();
  }

  private static List<Thread> alertThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("bedrock-meter-alerts") && thread.isAlive())
        .toList();
  }
}
