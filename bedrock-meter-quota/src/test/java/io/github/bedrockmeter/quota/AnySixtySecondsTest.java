// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.budget.BudgetDecision.Granted;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories, by seed, kept beside an account of what AWS would have booked and when: input
 * and maxTokens at the start of a call, the difference to what it used at its end.
 */
class AnySixtySecondsTest {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private record Booked(long atNanos, long tokens) {}

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 24);
  }

  private final ManualTime time = new ManualTime();
  private final Deque<Booked> lastMinute = new ArrayDeque<>();
  private long largestUse;
  private long granted;

  /**
   * Whichever way AWS takes a minute, by its clock or as the last sixty seconds: when it gets a
   * call, what it booked in its minute and the call itself are within the quota.
   */
  @ParameterizedTest
  @MethodSource("seeds")
  void noCallIsSentWithoutRoomInTheQuota(long seed) {
    Random random = new Random(seed);
    int quota = 1_000 + random.nextInt(100_000);
    String model = random.nextBoolean() ? Calls.NOVA : Calls.CLAUDE;
    int burndown = model.equals(Calls.NOVA) ? 1 : 5;
    ServiceQuotas quotas =
        ServiceQuotas.builder()
            .model(model, ModelQuota.tokensPerMinute(quota))
            .headroomPercent(1 + random.nextInt(60))
            .waitUpTo(Duration.ofSeconds(random.nextInt(90)))
            .time(time, time, Runnable::run)
            .build();

    for (int call = 0; call < 1_000; call++) {
      boolean large = random.nextInt(20) == 0;
      int most = large ? quota : quota / 50;
      int input = 1 + random.nextInt(most / 2);
      int maxTokens = random.nextInt(most / 2);
      int output = maxTokens == 0 ? 0 : random.nextInt(maxTokens);
      long nanos = random.nextLong(2 * MINUTE);
      quotas
          .reserveAsync(Calls.converse(model, input, maxTokens))
          .thenAccept(
              decision -> {
                if (decision instanceof Granted grant) {
                  granted++;
                  book(input + maxTokens);
                  largestUse = Math.max(largestUse, mostUsedInASpanUntilNow());
                  time.after(
                      nanos,
                      () -> {
                        // AWS books the end of a call before we hear of it.
                        book((long) input + (long) output * burndown - input - maxTokens);
                        grant.reservation().commit(Usage.ofTokens(input, output), Cost.NOTHING);
                      });
                }
              });
      if (random.nextInt(4) == 0) {
        time.advance(Duration.ofNanos(random.nextLong(MINUTE / 10)));
      }
      if (random.nextInt(300) == 0) {
        time.advance(Duration.ofMinutes(3)); // a pause, that a burst follows
      }
    }

    assertThat(granted).isGreaterThan(50);
    assertThat(largestUse).isBetween(quota / 2L, (long) quota);
  }

  private void book(long tokens) {
    long now = time.getAsLong();
    lastMinute.addLast(new Booked(now, tokens));
    while (now - lastMinute.getFirst().atNanos > MINUTE) {
      lastMinute.removeFirst();
    }
  }

  private long mostUsedInASpanUntilNow() {
    long used = 0;
    long most = 0;
    for (var booked = lastMinute.descendingIterator(); booked.hasNext(); ) {
      used += booked.next().tokens;
      most = Math.max(most, used);
    }
    return most;
  }
}
