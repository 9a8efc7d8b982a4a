// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.testkit.CannedBedrock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

/** With all defaults, the first call of a new JVM on a new H2 file is not denied. */
class FirstCallTest {
  @TempDir Path folder;

  @RepeatedTest(6)
  void theFirstCallPasses(RepetitionInfo repetition) throws Exception {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    FirstCall.class.getName(),
                    folder.resolve("ledger-" + repetition.getCurrentRepetition()).toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    System.out.print(output);
    assertThat(output).contains("the first call passed");
  }

  /** A process that makes one call and says what became of it. Argument: the file. */
  static final class FirstCall {
    private FirstCall() {}

    public static void main(String[] args) {
      try (JdbcLedger ledger = JdbcLedger.file(Path.of(args[0]))) {
        BedrockMeter meter =
            BedrockMeter.builder()
                .ledger(ledger)
                .budget(requests("day"))
                .budget(
                    Budget.named("tenant")
                        .limit(Amount.requests(100))
                        .window(Window.daily(ZoneOffset.UTC))
                        .per("tenant")
                        .build())
                .build();
        long start = System.nanoTime();
        meter
            .wrap(CannedBedrock.client())
            .converse(
                r ->
                    r.modelId("model")
                        .inferenceConfig(c -> c.maxTokens(10))
                        .overrideConfiguration(BedrockMeter.tags("tenant", "a")));
        System.out.printf(
            "the first call passed after %d ms%n",
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        meter.close();
      }
    }

    private static Budget requests(String name) {
      return Budget.named(name)
          .limit(Amount.requests(100))
          .window(Window.daily(ZoneOffset.UTC))
          .build();
    }
  }
}
