// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.RecordingListener;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/** A part that fails, at whatever moment, leaves no hold and no place in a line behind. */
@Timeout(120)
class NothingIsLeftBehindTest {
  private static final ConverseRequest REQUEST = Scene.converse(CLAUDE, 20);

  /** What a part throws. */
  enum Failure {
    EXCEPTION {
      @Override
      void occur() {
        throw new IllegalStateException("broken on purpose");
      }
    },
    ERROR {
      @Override
      void occur() {
        throw new NoClassDefFoundError("broken on purpose");
      }
    },
    STACK_OVERFLOW {
      @Override
      void occur() {
        throw new StackOverflowError("broken on purpose");
      }
    },
    UNPRINTABLE {
      @Override
      void occur() {
        throw new Unprintable();
      }
    };

    abstract void occur();
  }

  /** An exception that cannot be asked anything. */
  private static final class Unprintable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no message");
    }

    @Override
    public String toString() {
      throw new IllegalStateException("no text");
    }
  }

  /** Fails once, when it is asked for the nth time. */
  private static final class Once {
    private final Failure failure;
    private final AtomicInteger left;

    Once(Failure failure, int nth) {
      this.failure = failure;
      this.left = new AtomicInteger(nth);
    }

    void ask() {
      if (left.decrementAndGet() == 0) {
        failure.occur();
      }
    }
  }

  static Stream<Arguments> moments() {
    return Stream.of(Failure.values())
        .flatMap(failure -> IntStream.rangeClosed(1, 9).mapToObj(n -> Arguments.of(failure, n)));
  }

  private static Budget.Builder one() {
    return Budget.named("one")
        .limit(Amount.requests(1))
        .window(Window.lifetime())
        .per("team")
        .warnAt(0.5)
        .waitUpTo(Duration.ofMillis(150));
  }

  /** One call takes the room, another waits for it while a part fails, and then the next calls. */
  private static void nothingIsLeftBehind(BedrockMeter meter) {
    var client = meter.wrap(AnsweringClients.async());
    quietly(client.converse(REQUEST));
    List<CompletableFuture<ConverseResponse>> waiting =
        List.of(client.converse(REQUEST), client.converse(REQUEST));
    for (int i = 0; i < 3; i++) {
      room(meter);
    }
    waiting.forEach(NothingIsLeftBehindTest::quietly);
    for (int i = 0; i < 9; i++) {
      room(meter);
      quietly(client.converse(REQUEST));
    }

    for (int i = 0; i < 3; i++) {
      room(meter);
      Scene.await(client.converse(REQUEST));
      room(meter);
      meter.wrap(AnsweringClients.sync()).converse(REQUEST);
    }
    assertThat(held(meter)).isZero();
  }

  private static void room(BedrockMeter meter) {
    for (int i = 0; i < 2; i++) {
      try {
        Scene.await(meter.control("one").credit("team=", Amount.requests(10), "test"));
      } catch (Throwable theLimitFails) {
        // Once, and it was counted all the same.
      }
    }
  }

  private static void quietly(CompletableFuture<ConverseResponse> call) {
    try {
      call.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException denied) {
      // It may be denied, or fail with what the part threw.
    } catch (Exception late) {
      throw new AssertionError("a call did not end", late);
    }
  }

  private static long held(BedrockMeter meter) {
    return Scene.await(meter.status()).stream().mapToLong(status -> status.held().units()).sum();
  }

  @ParameterizedTest
  @MethodSource("moments")
  void whenALimitFails(Failure failure, int nth) {
    Once once = new Once(failure, nth);
    nothingIsLeftBehind(
        BedrockMeter.builder()
            .budget(
                one()
                    .limitFor(
                        scope -> {
                          once.ask();
                          return null;
                        })
                    .build())
            .build());
  }

  @ParameterizedTest
  @MethodSource("moments")
  void whenAFilterFails(Failure failure, int nth) {
    Once once = new Once(failure, nth);
    nothingIsLeftBehind(
        BedrockMeter.builder()
            .budget(
                one()
                    .when(
                        call -> {
                          once.ask();
                          return true;
                        })
                    .build())
            .build());
  }

  @ParameterizedTest
  @MethodSource("moments")
  void whenAnEstimatorFails(Failure failure, int nth) {
    Once once = new Once(failure, nth);
    nothingIsLeftBehind(
        BedrockMeter.builder()
            .estimator(
                (request, bound) -> {
                  once.ask();
                  return bound;
                })
            .budget(one().build())
            .build());
  }

  @ParameterizedTest
  @MethodSource("moments")
  void whenAPriceBookFails(Failure failure, int nth) {
    Once once = new Once(failure, nth);
    PriceBook prices =
        new PriceBook() {
          @Override
          public Cost costOf(PriceKey key, Usage usage) {
            once.ask();
            return new Cost.Unknown("test");
          }

          @Override
          public Cost conservativeCostOf(PriceKey key, Usage usage) {
            once.ask();
            return Cost.NOTHING;
          }
        };
    nothingIsLeftBehind(
        BedrockMeter.builder()
            .prices(prices)
            .budget(one().build())
            .budget(
                Budget.named("dollars")
                    .limit(Amount.usd("1"))
                    .window(Window.lifetime())
                    .unknownPrice(Budget.UnknownPrice.CONSERVATIVE)
                    .build())
            .build());
  }

  @ParameterizedTest
  @EnumSource
  void whenAPolicyFailsWithAnyThing(Failure failure) {
    AtomicInteger asked = new AtomicInteger();
    BedrockMeter meter =
        BedrockMeter.builder()
            .policy(
                call -> {
                  if (asked.incrementAndGet() == 1) {
                    failure.occur();
                  }
                  return BudgetDecision.granted();
                })
            .budget(one().build())
            .build();

    assertThatThrownBy(() -> meter.wrap(AnsweringClients.sync()).converse(REQUEST))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("cannot decide");
    meter.wrap(AnsweringClients.sync()).converse(REQUEST);

    assertThat(held(meter)).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void whenAListenerFailsWithAnything(Failure failure) {
    RecordingListener next = new RecordingListener();
    BedrockMeter meter =
        BedrockMeter.builder()
            .listener(
                new MeterListener() {
                  @Override
                  public void onReserved(MeteredCall call) {
                    failure.occur();
                  }

                  @Override
                  public void onThreshold(ThresholdEvent event) {
                    failure.occur();
                  }
                })
            .listener(next)
            .budget(one().build())
            .build();

    meter.wrap(AnsweringClients.sync()).converse(REQUEST);

    assertThat(next.sequence()).containsExactly("reserved", "threshold:0.5", "usage:Completed");
    assertThat(held(meter)).isZero();
  }

  /** Calls made from ever deeper frames, up to the end of the stack, and back again. */
  private static final class Deep implements Runnable {
    private final BedrockRuntimeClient client;
    private final AtomicLong overflows;
    private int left = 300;

    Deep(BedrockRuntimeClient client, AtomicLong overflows) {
      this.client = client;
      this.overflows = overflows;
    }

    @Override
    public void run() {
      descend(1_000_000);
    }

    private void descend(int frames) {
      try {
        if (frames > 0) {
          descend(frames - 1);
        }
      } catch (StackOverflowError end) {
        // Here the calls begin.
      }
      if (left <= 0) {
        return;
      }
      left--;
      try {
        client.converse(REQUEST);
      } catch (StackOverflowError | BudgetExceededException tooDeep) {
        overflows.incrementAndGet();
      }
    }
  }

  @Test
  void whenTheStackOverflowsThousandsOfTimes() throws Exception {
    BedrockMeter.Builder builder = BedrockMeter.builder();
    for (int i = 0; i < 3; i++) {
      builder.budget(
          Budget.named("b" + i)
              .limit(Amount.requests(1_000_000_000))
              .window(Window.lifetime())
              .per("team")
              .build());
    }
    BedrockMeter meter = builder.build();
    BedrockRuntimeClient client = meter.wrap(AnsweringClients.sync());
    for (int i = 0; i < 20_000; i++) {
      client.converse(REQUEST);
    }
    AtomicLong overflows = new AtomicLong();

    int rounds = System.getProperty("soak") == null ? 30 : 100;
    for (int round = 0; round < rounds; round++) {
      Thread thread =
          new Thread(
              null, new Deep(client, overflows), "deep", 300 * 1_024 + round * 2_400L / rounds);
      thread.start();
      thread.join(TimeUnit.SECONDS.toMillis(20));
      assertThat(thread.isAlive()).isFalse();
    }

    assertThat(overflows).hasValueGreaterThan(1_000);
    List<BudgetStatus> status = Scene.await(meter.status());
    assertThat(status)
        .hasSize(3)
        .allSatisfy(balance -> assertThat(balance.held()).isEqualTo(Amount.requests(0)));
    client.converse(REQUEST);
  }
}
