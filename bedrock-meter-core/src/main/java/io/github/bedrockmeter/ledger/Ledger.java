// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * Keeps balances, so that settled + held never exceeds a limit, whoever asks at the same time.
 *
 * <p>Called concurrently. A ledger in memory answers with a stage that is already complete; a
 * remote one must not block the calling thread. A stage that fails, or an exception, means that the
 * ledger could not decide. What every implementation must pass is written down as {@code
 * LedgerContract}, in the tests of this module.
 */
public interface Ledger {

  /**
   * Takes all holds or none, in one atomic step, creating accounts that do not exist yet.
   *
   * @param holds each on an account of its own
   */
  CompletionStage<HoldResult> hold(List<Hold> holds);

  /**
   * Ends holds. Repeating a settlement changes nothing, so it is safe to try again when an answer
   * was lost.
   *
   * @param holds the holds that end, as they were taken
   * @param actuals what each of them is charged instead, in its account's unit: zero releases the
   *     hold, more than was held is charged in full; never negative. Not to be kept or written to.
   * @return what each settlement did, in the same order
   */
  CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals);

  /** The balances of accounts, in the same order; an account nobody has used is all zero. */
  CompletionStage<List<Balance>> balances(List<Account> accounts);

  /**
   * The accounts that have something settled or held, largest first. For scrapes and operators: it
   * may read every account there is.
   */
  CompletionStage<List<Balance>> find(AccountQuery query);

  /** The open holds of an account, oldest first where the ledger knows their age. */
  CompletionStage<List<OpenHold>> openHolds(Account account);

  /**
   * Gives back what a hold sets aside, for one whose process is gone. The hold stays known at an
   * amount of zero: should its process settle it after all, that is charged in full. Repeating it
   * changes nothing.
   *
   * @return the account's balance afterwards
   */
  CompletionStage<Balance> release(OpenHold hold);

  /**
   * Corrects what an account was charged, up or down, never below zero. Not idempotent: where the
   * answer is lost, look at the balance before repeating it.
   *
   * @return what the correction did
   */
  CompletionStage<Settled> adjust(Account account, long delta);

  /** A ledger of this JVM, gone with it, for up to 100,000 accounts. */
  static Ledger inMemory() {
    return inMemory(InstantSource.system(), 100_000);
  }

  /**
   * A ledger of this JVM, gone with it.
   *
   * @param clock tells how far away a window's end is
   * @param maximumAccounts beyond this many, a hold that needs a new account is refused
   */
  static Ledger inMemory(InstantSource clock, int maximumAccounts) {
    return inMemory(clock, System::nanoTime, maximumAccounts);
  }

  /**
   * A ledger of this JVM, gone with it.
   *
   * @param clock tells how far away a window's end is
   * @param nanoClock tells, in elapsed nanoseconds, when an account can go
   * @param maximumAccounts beyond this many, a hold that needs a new account is refused
   */
  static Ledger inMemory(InstantSource clock, LongSupplier nanoClock, int maximumAccounts) {
    return new InMemoryLedger(clock, nanoClock, maximumAccounts, Duration.ofHours(1));
  }

  /** {@link #leased(Ledger, Duration)} with an interval of one second. */
  static LeasedLedger leased(Ledger remote) {
    return leased(remote, Duration.ofSeconds(1));
  }

  /**
   * A ledger that sets slices aside on a remote one and serves calls from them in memory, so that
   * most calls do not wait for the network. Limits hold as they do on the remote ledger. Close it
   * to give back what is left.
   *
   * @param interval how long the remote ledger may not know what was spent of a slice, from a
   *     millisecond to a minute; slices nobody uses are given back within two
   */
  static LeasedLedger leased(Ledger remote, Duration interval) {
    return new LeasedLedger(remote, interval);
  }
}
