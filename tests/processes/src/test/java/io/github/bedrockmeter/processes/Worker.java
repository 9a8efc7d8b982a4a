// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.processes;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.MeterListener.SettlementFailedEvent;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Unit;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException;

/**
 * The main class of one of several JVMs that share budgets: threads that make calls through a
 * metered client. Its Bedrock, which is in the same JVM, writes into a file what it bills before it
 * answers; so the file says what may be charged, even if this process is killed.
 */
final class Worker implements MeterListener {
  /** Longer than a ledger on a busy machine needs, shorter than the pause of a process. */
  static final Duration LEDGER_TIMEOUT = Duration.ofSeconds(1);

  static final int THREADS = 8;

  private static final String SHARED = "shared";
  private static final String OWN = "own";
  private static final int MOST_TOKENS = 100;

  /** The call that a thread is about to send: a request carries no id. */
  private static final ThreadLocal<MeteredCall> CURRENT = new ThreadLocal<>();

  private final String name;
  private final OutputStream file;

  private Worker(String name, OutputStream file) {
    this.name = name;
    this.file = file;
  }

  /** The account of the budget that all workers share. */
  static Account shared() {
    return new Account(SHARED, Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
  }

  /** The account that only one worker uses. */
  static Account own(String worker) {
    return new Account(OWN, Unit.TOKENS, "worker=" + worker, Instant.EPOCH, Instant.MAX);
  }

  /**
   * Writes that it is ready, waits for a line of input, and makes calls until all are answered or
   * denied.
   *
   * @param args store, its URL, the worker's name, how many calls, the file to write, the limit of
   *     the shared budget and of the worker's own, in tokens
   */
  public static void main(String[] args) throws Exception {
    try (Store.Opened store = Store.valueOf(args[0]).open(args[1]);
        OutputStream file = new FileOutputStream(args[4], true)) {
      Worker worker = new Worker(args[2], file);
      try (BedrockMeter meter =
          worker.meter(store.ledger(), Long.parseLong(args[5]), Long.parseLong(args[6]))) {
        System.out.println("ready");
        if (System.in.read() < 0) {
          throw new IOException("standard input ended before the line that starts the calls");
        }
        worker.callInParallel(meter, Integer.parseInt(args[3]));
      }
    }
  }

  private BedrockMeter meter(Ledger ledger, long sharedLimit, long ownLimit) {
    return BedrockMeter.builder()
        .ledger(ledger)
        .ledgerTimeout(LEDGER_TIMEOUT)
        .budget(
            Budget.named(SHARED)
                .limit(Amount.tokens(sharedLimit))
                .window(Window.lifetime())
                .when(Worker::isShared)
                .build())
        .budget(
            Budget.named(OWN)
                .limit(Amount.tokens(ownLimit))
                .window(Window.lifetime())
                .per("worker")
                .build())
        .listener(this)
        .build();
  }

  private static boolean isShared(MeteredCall call) {
    return SHARED.equals(call.tags().get("kind"));
  }

  private void callInParallel(BedrockMeter meter, int calls) throws Exception {
    BedrockRuntimeClient client = meter.wrap(new Bedrock());
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      RandomGenerator random = new SplittableRandom(name.hashCode() * 31L + i);
      int share = calls / THREADS + (i < calls % THREADS ? 1 : 0);
      running.add(threads.submit(() -> call(client, random, share)));
    }
    threads.shutdown();
    for (Future<?> thread : running) {
      thread.get();
    }
  }

  private void call(BedrockRuntimeClient client, RandomGenerator random, int calls) {
    for (int made = 0; made < calls; ) {
      String kind = random.nextInt(4) == 0 ? OWN : SHARED;
      int maxTokens = 1 + random.nextInt(MOST_TOKENS);
      try {
        client.converse(
            r ->
                r.modelId("model")
                    .inferenceConfig(c -> c.maxTokens(maxTokens))
                    .overrideConfiguration(BedrockMeter.tags("worker", name, "kind", kind)));
        made++;
      } catch (BudgetExceededException denied) {
        DenialKind why = denied.denial().kind();
        if (why == DenialKind.OVER_LIMIT || why == DenialKind.NEVER_FITS) {
          write("denied");
          made++;
        } else {
          sleep(20); // the ledger did not decide
        }
      } catch (ThrottlingException | ApiCallTimeoutException failed) {
        made++;
      }
    }
  }

  @Override
  public void onReserved(MeteredCall call) {
    CURRENT.set(call);
    write(
        "granted "
            + call.id()
            + " "
            + call.estimate().totalTokens()
            + " "
            + (isShared(call) ? SHARED : OWN));
  }

  @Override
  public void onSettlementFailed(SettlementFailedEvent event) {
    System.err.println(event);
    Runtime.getRuntime().halt(3);
  }

  /** Writes one line, which the file system has before this method returns. */
  private void write(String line) {
    try {
      file.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Bills a random part of the estimate; refuses some calls and does not answer others. */
  private final class Bedrock implements BedrockRuntimeClient {
    private static final int LONG_CALL_MILLIS = 50;

    private final AtomicLong seeds = new AtomicLong(name.hashCode());

    @Override
    public ConverseResponse converse(ConverseRequest request) {
      MeteredCall call = CURRENT.get();
      RandomGenerator random = new SplittableRandom(seeds.incrementAndGet());
      int fate = random.nextInt(50);
      if (fate == 0) {
        bill(call, 0);
        throw ThrottlingException.builder().statusCode(429).message("slow down").build();
      }
      if (fate == 1) {
        bill(call, call.estimate().totalTokens());
        throw ApiCallTimeoutException.builder().message("too late").build();
      }
      if (fate == 2) {
        sleep(LONG_CALL_MILLIS);
      }
      int output = random.nextInt(request.inferenceConfig().maxTokens() + 1);
      bill(call, output);
      return ConverseResponse.builder()
          .usage(u -> u.inputTokens(0).outputTokens(output).totalTokens(output))
          .build();
    }

    private void bill(MeteredCall call, long tokens) {
      write("billed " + call.id() + " " + tokens);
    }

    @Override
    public String serviceName() {
      return "stub";
    }

    @Override
    public void close() {}
  }
}
