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
 * Keeps balances, so that settled + held never exceeds a limit, however many callers hold and
 * settle at the same time.
 *
 * <p>Must be thread-safe. A ledger in memory answers with a stage that is already complete; a
 * remote one must not block the calling thread. Stages may complete on any thread; what follows
 * must not block it. A stage that fails, or an exception, means that the ledger could not decide:
 *
 * <ul>
 *   <li>{@link LedgerUnavailableException}: the store could not be reached, refused the operation,
 *       or did not reply in time. A hold may have been taken or not.
 *   <li>{@link IllegalArgumentException}, {@link ArithmeticException}: the arguments are wrong, an
 *       account's name is too long for the store, or a sum would not fit into a {@code long}. No
 *       hold was taken, the account of that sum was not changed, and repeating the operation does
 *       not help.
 *   <li>{@link IllegalStateException}: the ledger is closed.
 * </ul>
 *
 * <p>Every implementation must pass {@code LedgerContract}, in bedrock-meter-testkit. For authors
 * of ledgers there are {@link ForwardingLedger} and {@link LedgerSupport}.
 */
public interface Ledger extends AutoCloseable {

  /**
   * Takes all holds or none, in one atomic step, creating accounts that do not exist yet.
   *
   * @param holds each on an account of its own
   * @throws IllegalArgumentException if an account is named twice
   */
  CompletionStage<HoldResult> hold(List<Hold> holds);

  /**
   * Ends holds. Repeating a settlement within {@link LedgerSupport#PROOF_TIME} changes nothing, so
   * it is safe to try again when an answer was lost. A hold that is not there, of which the store
   * has no record that it was settled in that time, was lost with the store's memory: it is charged
   * in full, and {@link Settled#withoutHold} says so.
   *
   * @param holds the holds that end, as they were taken
   * @param actuals what each of them is charged instead, in its account's unit: zero releases the
   *     hold, more than was held is charged in full; never negative. Not to be kept or written to.
   * @return what each settlement did, in the same order
   * @throws IllegalArgumentException if there is not one amount for each hold, or one is negative
   */
  CompletionStage<List<Settled>> settle(List<Hold> holds, long[] actuals);

  /** The balances of accounts, in the same order; an account that was never used is all zero. */
  CompletionStage<List<Balance>> balances(List<Account> accounts);

  /**
   * The accounts that have something settled or held, largest first. For scrapes and operators: it
   * may read every account there is.
   */
  CompletionStage<List<Balance>> find(AccountQuery query);

  /** The open holds of an account, oldest first where the ledger knows their age. */
  CompletionStage<List<OpenHold>> openHolds(Account account);

  /**
   * Gives back what a hold sets aside, for a hold whose process has ended. The hold stays known
   * with an amount of zero: if its process settles it after all, that is charged in full. Repeating
   * a release changes nothing.
   *
   * @return the account's balance afterwards
   */
  CompletionStage<Balance> release(OpenHold hold);

  /**
   * Corrects what an account was charged, up or down, never below zero. Not idempotent: where the
   * answer is lost, look at the balance before repeating it.
   *
   * @param delta what is added, in the account's unit
   * @return what the correction did
   */
  CompletionStage<Settled> adjust(Account account, long delta);

  /**
   * Like {@link #adjust(Account, long)}, and keeps who did it and why where the store has a place
   * for that.
   */
  default CompletionStage<Settled> adjust(Account account, long delta, Correction correction) {
    return adjust(account, delta);
  }

  /**
   * Like {@link #release(OpenHold)}, and keeps who did it and why where the store has a place for
   * that.
   */
  default CompletionStage<Balance> release(OpenHold hold, Correction correction) {
    return release(hold);
  }

  /**
   * Ends what the ledger itself began: threads, connections of its own, slices that it holds on
   * another ledger. Does nothing where there is nothing to end. The one who made the ledger closes
   * it, after the meters that use it; {@code BedrockMeter.close()} does not. Neither does a ledger
   * close the client, connection or ledger that it was given.
   */
  @Override
  default void close() {}

  /**
   * How long a call should wait for an answer to {@link #hold}, by what the store usually needs, a
   * first request over a cold connection included; 50 milliseconds unless a ledger knows better.
   * The meter waits so long where its {@code ledgerTimeout} is not set.
   */
  default Duration answerTime() {
    return Duration.ofMillis(50);
  }

  /**
   * A ledger in the memory of this JVM, for up to 100,000 accounts of each budget. Its balances end
   * with the JVM.
   */
  static Ledger inMemory() {
    return inMemory(InstantSource.system(), 100_000);
  }

  /**
   * A ledger in the memory of this JVM. Its balances end with the JVM.
   *
   * @param clock the wall clock, by which windows end
   * @param maximumAccounts beyond this many accounts of one budget, a hold that needs another of it
   *     is refused. What holds nothing does not count once its window is over
   */
  static Ledger inMemory(InstantSource clock, int maximumAccounts) {
    return inMemory(clock, System::nanoTime, maximumAccounts);
  }

  /**
   * A ledger in the memory of this JVM. Its balances end with the JVM.
   *
   * @param clock the wall clock, by which windows end
   * @param nanoClock elapsed nanoseconds, by which unused accounts are forgotten
   * @param maximumAccounts beyond this many accounts of one budget, a hold that needs another of it
   *     is refused. What holds nothing does not count once its window is over
   */
  static Ledger inMemory(InstantSource clock, LongSupplier nanoClock, int maximumAccounts) {
    return new InMemoryLedger(clock, nanoClock, maximumAccounts, Duration.ofHours(1));
  }

  /** {@link #leased(Ledger, Duration)} with an interval of one second. */
  static Ledger leased(Ledger remote) {
    return leased(remote, Duration.ofSeconds(1));
  }

  /**
   * A ledger that holds slices on a remote one and serves calls from them in memory, so that most
   * calls do not wait for the network. Limits hold as they do on the remote ledger. It never blocks
   * a caller, except in {@link #close}, which gives back what is left of the slices and waits up to
   * ten seconds for it; the remote ledger stays open.
   *
   * <p>{@link #hold} and {@link #settle} are mostly answered at once. The other methods are passed
   * on to the remote ledger, where a slice is one open hold, whose id begins with {@code lease-},
   * and counts as held in full until it is settled.
   *
   * @param interval the longest time after which the remote ledger knows what was spent of a slice,
   *     from a millisecond to five seconds, since a settlement whose step may pass a threshold
   *     waits for it, and the meter waits ten seconds for a settlement; unused slices are given
   *     back within two intervals
   */
  static Ledger leased(Ledger remote, Duration interval) {
    return new LeasedLedger(remote, interval);
  }

  /**
   * Which accounts of a ledger to return. Immutable and thread-safe.
   *
   * @param budget only accounts of this budget; null for all
   * @param during only accounts whose window contains this instant; null for all
   * @param atMost the largest number of accounts to return, positive; those with the most settled
   *     and held come first
   */
  record AccountQuery(@Nullable String budget, @Nullable Instant during, int atMost) {
    public AccountQuery {
      if (atMost < 1) {
        throw new IllegalArgumentException("atMost must be positive, for example 100: " + atMost);
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

    /** Whether an account matches this query. */
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
   * @param withoutHold whether an amount was charged although the store had neither the hold nor a
   *     record of an earlier settlement: it has lost what it knew, or the settlement came later
   *     than {@link LedgerSupport#PROOF_TIME} after the first one and may have been charged twice
   */
  record Settled(Account account, long before, long after, boolean withoutHold) {

    /** A settlement that found its hold, or had been made before. */
    public Settled(Account account, long before, long after) {
      this(account, before, after, false);
    }
  }

  /**
   * Who corrects what was charged or held, and why. Immutable and thread-safe.
   *
   * @param by a person's or a program's name, not blank
   * @param reason not blank
   */
  record Correction(String by, String reason) {
    public Correction {
      if (by.isBlank()) {
        throw new IllegalArgumentException("by must not be blank, for example 'anna'");
      }
      if (reason.isBlank()) {
        throw new IllegalArgumentException("reason must not be blank");
      }
    }
  }

  /**
   * A hold that was taken and has not been settled. Immutable and thread-safe.
   *
   * @param id the call's id
   * @param account where it is held
   * @param amount how much is held, in the account's unit; zero after an operator has released it
   * @param since when it was taken, by the ledger's clock; null where the ledger does not keep it
   * @param abandoned whether it has been held for longer than the ledger's {@code abandonAfter}, so
   *     that its process has probably ended
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
     * @param shortfalls every enforced hold that did not fit, in the order of the request
     */
    record Refused(List<Shortfall> shortfalls) implements HoldResult {
      public Refused {
        if (shortfalls.isEmpty()) {
          throw new IllegalArgumentException("shortfalls must not be empty");
        }
        shortfalls = List.copyOf(shortfalls);
      }
    }

    /**
     * No hold was taken, because the ledger has no room for another account or hold.
     *
     * @param reason what is full and what to do
     */
    record Full(String reason) implements HoldResult {}

    /**
     * A hold that did not fit.
     *
     * @param hold the requested hold
     * @param available what was left in its account at that moment; negative if it is in debt
     */
    record Shortfall(Hold hold, long available) {}
  }
}
