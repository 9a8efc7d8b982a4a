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
   * AWS does not publish how it takes a minute: by the clock, as the last sixty seconds, or as a
   * bucket of its own. A bucket of capacity C that refills R in a minute lets C + R through in the
   * worst sixty seconds: what it had, and what came in. So C + R is the quota, and never more: then
   * whatever AWS takes for a minute, it finds no more in it than it allows. Usual practice, C = R =
   * quota, lets twice the quota through when a burst follows a pause.
   *
   * It costs something: in the long run no more than R flows, and no more than C can go at once. The
   * headroom is that choice. 5 % leaves 95 % to steady use and lets calls of up to a twentieth of the
   * quota go at once.
   *
   * A call larger than C would never fit. It may go if it waits, and pays for what it has over C
   * twice: before it goes, that it finds room in the minute that ends with it, and after, as a debt,
   * that it leaves room in the minute that begins with it. Any sixty seconds stay within C + R.
   *
   * What a call has used over what was taken for it, since output tokens count several times, is
   * taken from the bucket when the call ends, and may leave it in debt. AWS does the same, and
   * throttles until it is repaid; so do we. What was taken and not used is returned when the call
   * ends, as AWS says it does.
   */
  private final String name;
  private final Unit unit;
  private final String period;
  private final long quota;
  private final long capacity;
  private final Bucket bucket;

  /**
   * @param quota what may be used in any one period
   * @param capacity what of it may be used at once; the rest is the refill
   */
  QuotaBucket(
      String name, Unit unit, long quota, long capacity, Duration period, LongSupplier nanoClock) {
    this.name = name;
    this.unit = unit;
    this.period = name.substring(name.lastIndexOf('-') + 1);
    this.quota = quota;
    this.capacity = capacity;
    long refill = quota - capacity;
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

  /** As {@code 50,000 tokens a minute, 2,500 tokens at once}. */
  String inWords() {
    return new Amount(quota, unit)
        + " a "
        + period
        + ", "
        + new Amount(capacity, unit)
        + " at once";
  }

  long quota() {
    return quota;
  }

  long capacity() {
    return capacity;
  }

  /** What is there now; zero in debt. */
  long available() {
    return Math.max(0, bucket.getAvailableTokens());
  }

  /** How long until so much, or the whole capacity if it is more, is there; zero if it is now. */
  long nanosUntil(long amount) {
    if (amount == 0) {
      return 0;
    }
    EstimationProbe probe = bucket.estimateAbilityToConsume(Math.min(amount, capacity));
    // The library rounds down, and would have us ask a moment too early.
    return probe.canBeConsumed() ? 0 : probe.getNanosToWaitForRefill() + 1;
  }

  /** Takes so much, or what there is of it; answers how much it took. */
  long takeUpTo(long amount) {
    return amount == 0 ? 0 : bucket.tryConsumeAsMuchAsPossible(amount);
  }

  /** Takes so much whether it is there or not. */
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
}
