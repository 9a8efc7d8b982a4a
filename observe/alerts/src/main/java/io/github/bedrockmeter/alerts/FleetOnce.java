// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Unit;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets one process of a fleet send an alert that each of them would: the one that first takes the
 * only unit of an account in the ledger they share. What a ledger promises for budgets, that no two
 * processes take the same room, holds for this too. Confined to one thread.
 */
final class FleetOnce {
  /** The budget that these accounts are listed under. */
  static final String BUDGET = "bedrock-meter-alerts";

  private static final long LONGEST_ANSWER_NANOS = TimeUnit.SECONDS.toNanos(2);

  /**
   * After a failure, every process sends for so long, rather than wait for the ledger each time.
   */
  private static final Duration PAUSE = Duration.ofSeconds(30);

  private final Ledger ledger;
  private final LongSupplier nanoClock;
  private boolean failed;
  private long failedAt;

  FleetOnce(Ledger ledger, LongSupplier nanoClock) {
    this.ledger = ledger;
    this.nanoClock = nanoClock;
  }

  /**
   * What all processes of a fleet find out, and one should report.
   *
   * @param key the same in each of them
   * @param start when it begins to count, the same in each of them
   * @param end when it counts as something new
   */
  record Once(String key, Instant start, Instant end) {}

  /**
   * Whether this process is the first; true where the ledger cannot say within two seconds.
   *
   * @param longest nanoseconds that the answer may take, if that is less
   */
  boolean isFirst(Once once, long longest) throws InterruptedException {
    long now = nanoClock.getAsLong();
    if (failed && now - failedAt < PAUSE.toNanos()) {
      return true;
    }
    long limit = Math.min(longest, LONGEST_ANSWER_NANOS);
    try {
      Account account =
          new Account(BUDGET, Unit.REQUESTS, "alert=" + hash(once.key()), once.start(), once.end());
      List<Hold> holds = List.of(new Hold(UUID.randomUUID().toString(), account, 1, 1, true));
      HoldResult result = answer(ledger.hold(holds).toCompletableFuture(), limit);
      if (result instanceof HoldResult.Held) {
        // Settled, so that it is not listed as the hold of a process that has ended.
        answer(ledger.settle(holds, new long[] {1}).toCompletableFuture(), limit);
      }
      failed = false;
      return !(result instanceof HoldResult.Refused);
    } catch (InterruptedException closing) {
      throw closing;
    } catch (Exception | LinkageError unavailable) {
      failed = true;
      failedAt = now;
      return true;
    }
  }

  private static <T> T answer(CompletableFuture<T> future, long limit) throws Exception {
    return future.get(limit, TimeUnit.NANOSECONDS);
  }

  /** Of any length and any characters, as an account's name that every store takes. */
  private static String hash(String key) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException impossible) { // every JDK has SHA-256
      throw new IllegalStateException("SHA-256 is not available", impossible);
    }
  }
}
