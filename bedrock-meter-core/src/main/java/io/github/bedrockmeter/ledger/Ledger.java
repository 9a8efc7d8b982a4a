// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps balances, so that settled + held never exceeds a limit, whoever asks at the same time.
 *
 * <p>Called concurrently. A ledger in memory answers with a stage that is already complete; a
 * remote one must not block the calling thread. A stage that fails, or an exception, means that the
 * ledger could not decide. What every implementation must pass is written down as {@code
 * LedgerContract}, in bedrock-meter-testkit.
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

  /**
   * Which accounts of a ledger to tell. Immutable and thread-safe.
   *
   * @param budget only accounts of this budget; null for all
   * @param during only accounts whose window contains this instant; null for all
   * @param atMost no more than so many: the largest by what is settled and held
   */
  record AccountQuery(@Nullable String budget, @Nullable Instant during, int atMost) {
    public AccountQuery {
      if (atMost < 1) {
        throw new IllegalArgumentException(
            "asks for " + atMost + " accounts; ask for one at least");
      }
    }

    /** The largest accounts of all budgets and windows. */
    public static AccountQuery all(int atMost) {
      return new AccountQuery(null, null, atMost);
    }

    /** The largest accounts of one budget in the window of an instant. */
    public static AccountQuery of(String budget, Instant during, int atMost) {
      return new AccountQuery(budget, during, atMost);
    }

    /** Whether an account is one of those that are asked for. */
    public boolean includes(Account account) {
      return (budget == null || budget.equals(account.budget()))
          && (during == null
              || (!during.isBefore(account.start()) && during.isBefore(account.end())));
    }
  }

  /**
   * What the settlement of one hold did. Exactly one caller sees a balance pass any given value,
   * because the step from before to after is atomic. Immutable and thread-safe.
   *
   * @param account the account that was settled
   * @param before settled amount before, in the account's unit
   * @param after settled amount after; the same as before if the hold had been settled already
   */
  record Settled(Account account, long before, long after) {}

  /**
   * A hold that was taken and has not been settled. Immutable and thread-safe.
   *
   * @param id the call's id
   * @param account where it is held
   * @param amount how much is held, in the account's unit; zero after an operator has released it
   * @param since when it was taken, by the ledger's clock; null where the ledger does not keep it
   * @param abandoned whether it is older than any call lasts, so that its process must be gone
   */
  record OpenHold(
      String id, Account account, long amount, @Nullable Instant since, boolean abandoned) {
    public OpenHold {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(account, "account");
    }
  }

  /** A ledger's answer to a list of holds: all of them were taken, or none. */
  sealed interface HoldResult {

    /** Every hold was taken and none went over its limit. */
    Held CLEAN = new Held(List.of());

    /**
     * Every hold was taken.
     *
     * @param overruns holds that went over their limit, which only those that are not enforced can
     */
    record Held(List<Shortfall> overruns) implements HoldResult {
      public Held {
        overruns = List.copyOf(overruns);
      }
    }

    /**
     * No hold was taken, because some account has too little left.
     *
     * @param shortfalls every enforced hold that did not fit, in the order they were asked for
     */
    record Refused(List<Shortfall> shortfalls) implements HoldResult {
      public Refused {
        if (shortfalls.isEmpty()) {
          throw new IllegalArgumentException("a refusal names at least one shortfall");
        }
        shortfalls = List.copyOf(shortfalls);
      }
    }

    /**
     * No hold was taken, because the ledger has no room for another account.
     *
     * @param reason what is full and what to do
     */
    record Full(String reason) implements HoldResult {}

    /**
     * A hold that did not fit.
     *
     * @param hold what was asked for
     * @param available what was left in its account at that moment; negative if it is in debt
     */
    record Shortfall(Hold hold, long available) {}
  }
}
