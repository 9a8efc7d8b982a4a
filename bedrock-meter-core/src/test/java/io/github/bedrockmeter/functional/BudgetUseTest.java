// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.Estimators;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.UsageEstimator;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/**
 * How much of a tight daily budget is spent with 64 calls in flight. The budget is half of what the
 * day's calls would cost, and less than 64 calls at their bound; a call that is denied is lost. The
 * day before, the meter saw calls of the same kind. The meter is real, the network and the time are
 * played: 64 callers make a call each; then, in each step, one of them, chosen at random, gets its
 * answer and makes the day's next call. So a run is the same each time.
 */
class BudgetUseTest {
  private static final int SEEDS = 10;
  private static final int CALLERS = 64;
  private static final int CALLS_THE_DAY_BEFORE = 3_000;
  private static final int CALLS = 800;
  private static final int MAX_TOKENS = 1_000;
  private static final long NANO_USD_PER_INPUT = 3_000;
  private static final long NANO_USD_PER_OUTPUT = 15_000;

  /** What a caller asks, and what Bedrock will report. */
  private record Call(int promptBytes, int promptTokens, int outputTokens) {

    /** Answers are a tenth of {@code maxTokens} on the mean, most shorter, some much longer. */
    static Call next(Random random) {
      double bytes = 1_200 * Math.exp(0.5 * random.nextGaussian());
      double tokensPerByte = 0.25 + 0.03 * random.nextGaussian();
      double share = 0.1 * Math.exp(0.8 * random.nextGaussian() - 0.8 * 0.8 / 2);
      int promptBytes = (int) Math.max(40, bytes);
      return new Call(
          promptBytes,
          (int) (promptBytes * Math.min(0.45, Math.max(0.15, tokensPerByte))),
          (int) Math.max(1, Math.min(MAX_TOKENS, MAX_TOKENS * share)));
    }

    static List<Call> several(int count, Random random) {
      List<Call> calls = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        calls.add(next(random));
      }
      return calls;
    }

    long nanoUsd() {
      return promptTokens * NANO_USD_PER_INPUT + outputTokens * NANO_USD_PER_OUTPUT;
    }

    ConverseRequest request() {
      return ConverseRequest.builder()
          .modelId("model")
          .messages(Scene.user("x".repeat(promptBytes)))
          .inferenceConfig(c -> c.maxTokens(MAX_TOKENS))
          .build();
    }

    ConverseResponse response() {
      return ConverseResponse.builder()
          .usage(
              u ->
                  u.inputTokens(promptTokens)
                      .outputTokens(outputTokens)
                      .totalTokens(promptTokens + outputTokens))
          .build();
    }
  }

  /** A client whose calls are answered when the test says so. */
  private static final class Network implements BedrockRuntimeAsyncClient {
    private @Nullable CompletableFuture<ConverseResponse> sent;

    @Override
    public CompletableFuture<ConverseResponse> converse(ConverseRequest request) {
      sent = new CompletableFuture<>();
      return sent;
    }

    /** The answer of the call just made; null if it was denied and did not arrive. */
    @Nullable CompletableFuture<ConverseResponse> takeSent() {
      CompletableFuture<ConverseResponse> taken = sent;
      sent = null;
      return taken;
    }

    @Override
    public String serviceName() {
      return "network";
    }

    @Override
    public void close() {}
  }

  /** What was in flight, and which estimates were exceeded. */
  private static final class Watch implements MeterListener {
    int inFlight;
    int mostInFlight;
    long unheldNanoUsd;
    long mostUnheldNanoUsd;
    int calls;
    int inputsExceeded;
    int outputsExceeded;

    @Override
    public void onReserved(MeteredCall call) {
      mostInFlight = Math.max(mostInFlight, ++inFlight);
      unheldNanoUsd += unheldNanoUsd(call);
      mostUnheldNanoUsd = Math.max(mostUnheldNanoUsd, unheldNanoUsd);
    }

    @Override
    public void onUsage(UsageEvent event) {
      inFlight--;
      unheldNanoUsd -= unheldNanoUsd(event.call());
      Usage estimate = event.call().estimate();
      calls++;
      inputsExceeded += event.usage().inputTokens() > estimate.inputTokens() ? 1 : 0;
      outputsExceeded += event.usage().outputTokens() > estimate.outputTokens() ? 1 : 0;
    }

    /** What a call may cost beyond its estimate. */
    private static long unheldNanoUsd(MeteredCall call) {
      return call.bound().inputTokens() * NANO_USD_PER_INPUT
          + call.bound().outputTokens() * NANO_USD_PER_OUTPUT
          - ((Cost.Known) call.estimatedCost()).nanoUsd();
    }
  }

  /**
   * What was spent on one day.
   *
   * @param watch what was seen on that day alone
   */
  private record Day(long limitNanoUsd, long spentNanoUsd, Watch watch) {

    BigDecimal percent() {
      return BigDecimal.valueOf(spentNanoUsd)
          .multiply(BigDecimal.valueOf(100))
          .divide(BigDecimal.valueOf(limitNanoUsd), 1, RoundingMode.HALF_UP);
    }
  }

  private static Day replay(int seed, UsageEstimator estimator) {
    Random random = new Random(seed);
    List<Call> dayBefore = Call.several(CALLS_THE_DAY_BEFORE, random);
    List<Call> day = Call.several(CALLS, random);
    long limit = day.stream().mapToLong(Call::nanoUsd).sum() / 2;
    FakeTime time = FakeTime.at("2026-11-22T09:00:00Z");
    Watch[] watch = {new Watch()};
    BedrockMeter meter =
        BedrockMeter.builder()
            .estimator(estimator)
            .prices(
                PriceBook.of(
                    Map.of(
                        "model",
                        Rates.builder("test")
                            .perMillion(Meter.INPUT, "3")
                            .perMillion(Meter.OUTPUT, "15")
                            .build())))
            .budget(
                Budget.named("daily")
                    .limit(new Amount(limit, Unit.NANO_USD))
                    .window(Window.daily(ZoneOffset.UTC))
                    .build())
            .listener(
                new MeterListener() {
                  @Override
                  public void onReserved(MeteredCall call) {
                    watch[0].onReserved(call);
                  }

                  @Override
                  public void onUsage(UsageEvent event) {
                    watch[0].onUsage(event);
                  }
                })
            .clock(time)
            .nanoClock(time)
            .build();

    run(dayBefore, meter, random);
    time.set("2026-11-23T09:00:00Z");
    watch[0] = new Watch();
    run(day, meter, random);

    long spent = meter.status().join().get(0).settled().units();
    return new Day(limit, spent, watch[0]);
  }

  private static void run(List<Call> calls, BedrockMeter meter, Random random) {
    Network network = new Network();
    BedrockRuntimeAsyncClient client = meter.wrap(network);
    List<Runnable> answers = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      answers.add(() -> {});
    }
    for (int i = 0; i < calls.size(); i++) {
      Call call = calls.get(i);
      int caller = i < CALLERS ? i : random.nextInt(CALLERS);
      answers.set(caller, () -> {}).run();
      client.converse(call.request());
      CompletableFuture<ConverseResponse> sent = network.takeSent();
      if (sent != null) {
        answers.set(caller, () -> sent.complete(call.response()));
      }
    }
    answers.forEach(Runnable::run);
  }

  @Test
  void calibratedSpendsATightBudgetAndTheBoundNeverExceedsIt() {
    BigDecimal least = null;
    BigDecimal most = null;
    int calls = 0;
    int inputsExceeded = 0;
    int outputsExceeded = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Day calibrated = replay(seed, Estimators.calibrated(0.99));
      Day bound = replay(seed, UsageEstimator.bound());
      least = least == null ? calibrated.percent() : least.min(calibrated.percent());
      most = most == null ? bound.percent() : most.max(bound.percent());

      assertThat(bound.spentNanoUsd()).isLessThanOrEqualTo(bound.limitNanoUsd());
      assertThat(bound.watch().mostInFlight).as("the budget is tight").isLessThan(CALLERS);
      assertThat(bound.watch().inputsExceeded + bound.watch().outputsExceeded).isZero();
      Watch watch = calibrated.watch();
      assertThat(watch.mostInFlight).isEqualTo(CALLERS);
      assertThat(calibrated.spentNanoUsd())
          .as("the limit is exceeded by no more than what calls in flight had unheld")
          .isLessThanOrEqualTo(calibrated.limitNanoUsd() + watch.mostUnheldNanoUsd);
      calls += watch.calls;
      inputsExceeded += watch.inputsExceeded;
      outputsExceeded += watch.outputsExceeded;
    }

    System.out.printf("budget used: calibrated 99 %% %s %%, bound %s %%%n", least, most);
    assertThat(least).isGreaterThanOrEqualTo(new BigDecimal("90"));
    assertThat(most).isLessThanOrEqualTo(new BigDecimal("100"));
    // One in a hundred, and three standard deviations of so many calls.
    assertThat(inputsExceeded * 100).isLessThanOrEqualTo(calls * 3 / 2);
    assertThat(outputsExceeded * 100).isLessThanOrEqualTo(calls * 3 / 2);
  }
}
