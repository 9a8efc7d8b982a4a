// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.quota;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.EstimationProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.local.SynchronizationStrategy;
import java.math.BigInteger;
import java.time.Duration;
import java.util.function.LongSupplier;

/** One quota of one model, as a token bucket. Confined to the lock of its {@link Lane}. */
final class QuotaBucket {
  /*
   * How large the bucket is, and how fast it fills.
   *
   * AWS does not publish what it means by a minute: one of the clock, the last sixty seconds, or a
   * bucket of its own. A bucket of capacity C that refills R in a minute lets C + R through in the
   * worst sixty seconds: what it had, and what came in. So C + R is the quota, and never more: then
   * AWS finds no more in a minute than it allows, whichever of them it uses. Usual practice, C = R =
   * quota, lets twice the quota through when a burst follows a pause.
   *
   * It costs something: in the long run no more than R flows, and no more than C can go at once. The
   * headroom is that choice. 5 % leaves 95 % to steady use and lets calls of up to a twentieth of the
   * quota go at once.
   *
   * A call larger than C would never fit. It may go if it waits, and pays for what it has over C
   * twice: before it goes, so that it finds room in the minute that ends with it, and after, as a
   * debt, so that it leaves room in the minute that begins with it. If other calls' surcharges leave
   * no room in the quota meanwhile, it pays anew. Any sixty seconds stay within C + R.
   *
   * What a call has used over what was taken for it, since output tokens count several times, is
   * taken from the bucket when the call ends, and may leave it in debt. AWS does the same, and
   * throttles until it is repaid; so do we. What was taken and not used is returned when the call
   * ends, as AWS says it does.
   */
  private final String name;
  private final Unit unit;
  private final Duration period;
  private final long quota;
  private final long capacity;
  private final long refill;
  private final Bucket bucket;

  /**
   * @param quota what may be used in any one period
   * @param capacity what of it may be used at once; the rest is the refill
   */
  QuotaBucket(
      String name, Unit unit, long quota, long capacity, Duration period, LongSupplier nanoClock) {
    this.name = name;
    this.unit = unit;
    this.period = period;
    this.quota = quota;
    this.capacity = capacity;
    this.refill = quota - capacity;
    // In lowest terms, so that the library's arithmetic stays in whole numbers.
    long divisor =
        BigInteger.valueOf(refill).gcd(BigInteger.valueOf(period.toNanos())).longValueExact();
    this.bucket =
        Bucket.builder()
            .addLimit(
                limit ->
                    limit
                        .capacity(capacity)
                        .refillGreedy(refill / divisor, period.dividedBy(divisor)))
            .withSynchronizationStrategy(SynchronizationStrategy.NONE)
            .withCustomTimePrecision(new Meter(nanoClock))
            .build();
  }

  private record Meter(LongSupplier nanoClock) implements TimeMeter {
    @Override
    public long currentTimeNanos() {
      return nanoClock.getAsLong();
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }
  }

  String name() {
    return name;
  }

  Unit unit() {
    return unit;
  }

  /** What may be used in any one period. */
  long quota() {
    return quota;
  }

  /** What is available now; zero in debt. */
  long available() {
    return Math.max(0, bucket.getAvailableTokens());
  }

  /** Whether all that can be used at once is available. */
  boolean isFull() {
    return bucket.getAvailableTokens() >= capacity;
  }

  /** Takes an amount even if it is not available, which leaves a debt. */
  void take(long amount) {
    if (amount > 0) {
      bucket.consumeIgnoringRateLimits(amount);
    }
  }

  /** Gives back; what does not fit into the capacity is lost. */
  void giveBack(long amount) {
    if (amount > 0) {
      bucket.addTokens(amount);
    }
  }

  /** How long until an amount within the capacity is available; zero if it is now. */
  private long nanosUntil(long amount) {
    if (amount == 0) {
      return 0;
    }
    EstimationProbe probe = bucket.estimateAbilityToConsume(amount);
    // The library rounds down, which would be a moment too early.
    return probe.canBeConsumed() ? 0 : probe.getNanosToWaitForRefill() + 1;
  }

  /** As {@code 50,000 tokens a minute, 2,500 tokens at once}. */
  @Override
  public String toString() {
    String span = name.substring(name.lastIndexOf('-') + 1);
    return new Amount(quota, unit) + " a " + span + ", " + new Amount(capacity, unit) + " at once";
  }

  /** What one call wants of this quota. Confined to the lock of its lane, as the bucket is. */
  final class Demand {
    private final long amount;

    /** What it has over the capacity and must pay before it goes. */
    private final long over;

    private long owed;

    /** What it gets back of that if it does not go. */
    private long paid;

    /** What calls that ended took on top of what they had, since this one began to pay. */
    private long surcharged;

    Demand(long amount) {
      this.amount = amount;
      this.over = Math.max(0, amount - capacity);
      this.owed = over;
    }

    QuotaBucket bucket() {
      return QuotaBucket.this;
    }

    long amount() {
      return amount;
    }

    /** The least time it must wait for being over the capacity, rounded up to whole seconds. */
    Duration leastWait() {
      return Duration.ofSeconds(
          BigInteger.valueOf(over)
              .multiply(BigInteger.valueOf(period.toSeconds()))
              .add(BigInteger.valueOf(refill - 1))
              .divide(BigInteger.valueOf(refill))
              .longValueExact());
    }

    /** How long until there is room for it, which is zero if there is now. */
    long nanosUntilRoom() {
      setAside();
      return nanosUntil(Math.min(owed > 0 ? owed : amount, capacity));
    }

    /** Pays as much as there is now of what it owes; only the first in the queue does. */
    void setAside() {
      long taken = owed == 0 ? 0 : bucket.tryConsumeAsMuchAsPossible(owed);
      owed -= taken;
      // What does not fit would have overflowed the bucket if it had not been set aside.
      paid = Math.min(paid + taken, capacity - available());
    }

    /**
     * A call that ended took so much more than it had, while this one is the first in the queue.
     */
    void surcharged(long amountOnTop) {
      surcharged += amountOnTop;
      if (over > 0 && amount + surcharged > quota) {
        owed = over;
        surcharged = 0;
      }
    }

    /** It goes. */
    void take() {
      QuotaBucket.this.take(amount);
    }

    /** It does not go. */
    void payBack() {
      giveBack(paid);
    }
  }
}
