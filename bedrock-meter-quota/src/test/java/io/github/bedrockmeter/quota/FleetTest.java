// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.FakeQuota;
import io.github.bedrockmeter.testkit.ReceivedRequest;
import io.github.bedrockmeter.testkit.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException;

/**
 * A fleet of four, each with a quarter of the quota, over real sockets, against a server that keeps
 * the quota by Bedrock's rule. Time is the test's own, on both sides, and moves on when everything
 * that it brought has happened: a busy machine changes nothing.
 */
@Timeout(300)
class FleetTest {
  private static final String MODEL = "us.anthropic.claude-sonnet-4-6"; // output counts fivefold
  private static final int FLEET = 4;
  private static final int CALLS_EACH = 30;
  private static final long QUOTA = 60_000;
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final ManualTime time = new ManualTime();
  private final FakeBedrock bedrock = FakeBedrock.start();
  private final FakeQuota quota = new FakeQuota(QUOTA, Long.MAX_VALUE, 5, time);
  private final Random random = new Random(20261123);
  private final List<BedrockRuntimeAsyncClient> clients = new ArrayList<>();

  private final Object state = new Object();
  private final int[] unanswered = new int[FLEET];
  private final List<Long> dueNanos = new ArrayList<>();
  private long sent;
  private long ended;
  private long throttled;
  private boolean isOver;

  @AfterEach
  void close() throws InterruptedException {
    endCallsUnderWay();
    clients.forEach(BedrockRuntimeAsyncClient::close);
    bedrock.close();
  }

  @Test
  void fleetUsesNinetyFivePercentOfItsQuotaAndIsNeverThrottled() throws Exception {
    startFleet(
        () ->
            ServiceQuotas.builder()
                .model(MODEL, ModelQuota.tokensPerMinute(QUOTA))
                .share(1, FLEET)
                .headroomPercent(4)
                .waitUpTo(Duration.ofHours(1))
                .time(time, time, Runnable::run)
                .build());

    run(MINUTE);
    long used = quota.tokensUsed();
    run(MINUTE.multipliedBy(2));

    assertThat(quota.throttled()).isZero();
    assertThat(throttled).isZero();
    assertThat(quota.tokensUsed() - used).isBetween(2 * QUOTA * 95 / 100, 2 * QUOTA);
  }

  @Test
  void theSameLoadIsThrottledWithoutThePolicy() throws Exception {
    startFleet(BudgetPolicy::unlimited);

    for (long ticks = MINUTE.dividedBy(TICK); ticks > 0 && quota.throttled() == 0; ticks--) {
      run(TICK);
    }

    assertThat(throttled).isPositive().isEqualTo(quota.throttled());
  }

  private void startFleet(Supplier<BudgetPolicy> policies) {
    bedrock.limit(MODEL, quota);
    bedrock.on(MODEL).reply(this::answerAfterAWhile);
    for (int member = 0; member < FLEET; member++) {
      clients.add(
          BedrockMeter.builder()
              .policy(policies.get())
              .listener(
                  new MeterListener() {
                    @Override
                    public void onReserved(MeteredCall call) {
                      change(() -> sent++);
                    }
                  })
              .build()
              .wrap(
                  bedrock
                      .asyncClientBuilder()
                      .overrideConfiguration(c -> c.retryStrategy(AwsRetryStrategy.doNotRetry()))
                      .build()));
    }
  }

  /** Keeps the same number of calls waiting or under way at each member of the fleet. */
  private void run(Duration span) throws InterruptedException {
    for (int tick = 0; tick < span.dividedBy(TICK); tick++) {
      for (int member = 0; member < FLEET; member++) {
        int missing = CALLS_EACH - unanswered(member);
        for (int i = 0; i < missing; i++) {
          ask(member);
        }
      }
      awaitQuiet();
      time.jump(TICK);
      change(() -> {}); // what was not due may be due now
      awaitQuiet();
    }
  }

  private int unanswered(int member) {
    synchronized (state) {
      return unanswered[member];
    }
  }

  private void ask(int member) {
    ConverseRequest request =
        ConverseRequest.builder()
            .modelId(MODEL)
            .messages(
                Message.builder()
                    .role(ConversationRole.USER)
                    .content(ContentBlock.fromText("x".repeat(20 + random.nextInt(80))))
                    .build())
            .inferenceConfig(inference -> inference.maxTokens(30 + random.nextInt(40)))
            .build();
    change(() -> unanswered[member]++);
    clients
        .get(member)
        .converse(request)
        .whenComplete(
            (response, failure) ->
                change(
                    () -> {
                      unanswered[member]--;
                      ended++;
                      if (failure != null && failure.getCause() instanceof ThrottlingException) {
                        throttled++;
                      }
                    }));
  }

  /** Two to six seconds later, with 5 to 25 tokens. */
  private Reply answerAfterAWhile(ReceivedRequest request) {
    int seed = Math.floorMod(request.bodyText().hashCode(), 1_000_003);
    long due = time.getAsLong() + Duration.ofMillis(2_000 + seed % 4_000).toNanos();
    synchronized (state) {
      dueNanos.add(due);
      state.notifyAll();
      try {
        while (due > time.getAsLong() && !isOver) {
          state.wait();
        }
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
    }
    return Reply.text("Yes.").outputTokens(5 + seed % 21);
  }

  /** Else each client waits for its own before it closes. */
  private void endCallsUnderWay() throws InterruptedException {
    synchronized (state) {
      isOver = true;
      state.notifyAll();
      while (sent != ended) {
        state.wait();
      }
    }
  }

  private void change(Runnable change) {
    synchronized (state) {
      change.run();
      state.notifyAll();
    }
  }

  /** Until every call that was sent has ended, or is at the server and not due. */
  private void awaitQuiet() throws InterruptedException {
    synchronized (state) {
      dueNanos.removeIf(due -> due <= time.getAsLong());
      while (sent - ended != dueNanos.size()) {
        state.wait();
      }
    }
  }
}
