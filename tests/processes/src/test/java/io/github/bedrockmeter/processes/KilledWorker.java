// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.processes;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.ForwardingLedger;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Unit;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/**
 * The main class of a JVM whose ledger and journal are in one H2 file, and that makes calls until
 * it is killed. It writes into a file of its own, one line at a time, what the two have confirmed.
 */
final class KilledWorker implements MeterListener {
  /** What each call is charged, in tokens. */
  static final int CHARGE = 30;

  static final String USED = "used";
  static final String HELD = "held";
  static final String SETTLED = "settled";
  static final String RELEASED = "released";

  private static final String FAILED = "failed";
  private static final String ALL = "all";
  private static final int THREADS = 4;
  private static final int TENANTS = 10;

  private final OutputStream confirmed;

  private KilledWorker(OutputStream confirmed) {
    this.confirmed = confirmed;
  }

  /** The account in which every call is counted. */
  static Account all() {
    return new Account(ALL, Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
  }

  /**
   * Makes calls for ever.
   *
   * @param args the H2 file, and the file to write
   */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    KilledWorker worker = new KilledWorker(new FileOutputStream(args[1], true));
    UsageJournal journal = UsageJournal.builder(file).flushInterval(Duration.ZERO).build();
    BedrockRuntimeClient client =
        BedrockMeter.builder()
            .ledger(worker.confirming(JdbcLedger.file(file)))
            .ledgerTimeout(Duration.ofSeconds(5))
            .budget(budget(ALL).build())
            .budget(budget("tenant").per("tenant").build())
            .listener(journal)
            .listener(worker)
            .build()
            .wrap(new Answers());
    for (int i = 0; i < THREADS; i++) {
      new Thread(() -> call(client)).start();
    }
  }

  private static Budget.Builder budget(String name) {
    return Budget.named(name).limit(Amount.tokens(Long.MAX_VALUE / 2)).window(Window.lifetime());
  }

  private static void call(BedrockRuntimeClient client) {
    for (int i = 0; ; i++) {
      String tenant = "t" + i % TENANTS;
      try {
        client.converse(
            r ->
                r.modelId("model")
                    .inferenceConfig(c -> c.maxTokens(50))
                    .overrideConfiguration(BedrockMeter.tags("tenant", tenant)));
      } catch (BudgetExceededException ledgerWasTooSlow) {
        // On a busy machine, for the first calls.
      }
    }
  }

  /** The same ledger, whose confirmations are written down. */
  private Ledger confirming(Ledger ledger) {
    return new ForwardingLedger(ledger) {
      @Override
      public CompletionStage<HoldResult> hold(List<Hold> holds) {
        String id = holds.get(0).id();
        return super.hold(holds)
            .whenComplete((held, failure) -> write(failure == null ? HELD : FAILED, id));
      }

      @Override
      public CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals) {
        String id = holds.get(0).id();
        String done = actuals[0] == 0 ? RELEASED : SETTLED;
        return super.settle(holds, actuals)
            .whenComplete((settled, failure) -> write(failure == null ? done : FAILED, id));
      }
    };
  }

  /** Runs after the journal's method of the same name. */
  @Override
  public void onUsage(UsageEvent event) {
    write(USED, event.call().id());
  }

  /** Writes one line, which the operating system has before this method returns. */
  private void write(String what, String id) {
    try {
      confirmed.write((what + " " + id + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** A Bedrock that answers at once. */
  private static final class Answers implements BedrockRuntimeClient {
    @Override
    public ConverseResponse converse(ConverseRequest request) {
      return ConverseResponse.builder()
          .usage(u -> u.inputTokens(10).outputTokens(20).totalTokens(CHARGE))
          .build();
    }

    @Override
    public String serviceName() {
      return "stub";
    }

    @Override
    public void close() {}
  }
}
