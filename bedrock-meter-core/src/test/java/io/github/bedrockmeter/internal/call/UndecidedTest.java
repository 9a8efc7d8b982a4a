// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.usage.Usage;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/** An outage is one stack trace in the log, then a count each half minute, and one line at last. */
class UndecidedTest {
  private final FakeTime time = FakeTime.at("2026-11-28T12:00:00Z");
  private final List<String> lines = new ArrayList<>();
  private final Logger log =
      (Logger)
          Proxy.newProxyInstance(
              Logger.class.getClassLoader(),
              new Class<?>[] {Logger.class},
              (proxy, method, arguments) -> {
                lines.add(method.getName() + (hasStack(arguments) ? " with stack" : ""));
                return null;
              });
  private final Undecided undecided = new Undecided(Log.to(log), time);

  private static boolean hasStack(Object[] arguments) {
    Object last = arguments[arguments.length - 1];
    return last instanceof Throwable
        || (last instanceof Object[] array && array[array.length - 1] instanceof Throwable);
  }

  private static MeteredCall call() {
    return new MeteredCall(
        "id",
        "Converse",
        "m",
        new PriceKey("m", null, PriceKey.STANDARD, Instant.EPOCH),
        Tags.none(),
        Usage.NONE,
        Usage.NONE,
        Cost.NOTHING,
        List.of());
  }

  @Test
  void anOutageOfTheLedgerIsOneStackTrace() {
    LedgerUnavailableException cause = new LedgerUnavailableException("unreachable", null);
    for (int i = 0; i < 2_000; i++) {
      assertThat(undecided.denial(call(), cause).kind()).isEqualTo(DenialKind.LEDGER_UNAVAILABLE);
      time.advance(Duration.ofMillis(31));
    }
    undecided.decided();
    undecided.decided();

    assertThat(lines).containsExactly("warn with stack", "warn", "warn", "info");
  }

  @Test
  void aPolicyThatFailsIsNotTheLedger() {
    undecided.denial(call(), new LedgerUnavailableException("unreachable", null));

    assertThat(undecided.denial(call(), new IllegalStateException("no")).kind())
        .isEqualTo(DenialKind.POLICY);
    assertThat(undecided.denial(call(), null).reason()).contains("it returned null");

    assertThat(lines).containsExactly("warn with stack", "warn with stack");
  }

  @Test
  void anExceptionWithoutAReadableMessageIsNamed() {
    RuntimeException unreadable =
        new RuntimeException() {
          private static final long serialVersionUID = 1L;

          @Override
          public String getMessage() {
            throw new IllegalStateException("no message");
          }
        };

    assertThat(undecided.denial(call(), unreadable).reason())
        .contains("whose message cannot be read");
    assertThat(lines).containsExactly("warn with stack");
  }
}
