// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Grant;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.testkit.CannedBedrock;
import io.github.bedrockmeter.testkit.FakeTime;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.TokenUsage;

/**
 * Budgets where the calendar is odd and clocks are wrong: what is spent in a window stays spent,
 * whichever way the clock came there. The wall clock is set, elapsed time passes on its own.
 */
class ClocksAndWindowsTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private final FakeTime wall = FakeTime.at("2026-11-23T12:00:00Z");
  private final AtomicLong nanos = new AtomicLong(1);
  private final Ledger ledger = Ledger.inMemory(wall, nanos::get, 1_000);
  private final Deque<CompletableFuture<ConverseResponse>> inFlight = new ArrayDeque<>();

  private BedrockMeter meter(Amount limit, Window window) {
    return BedrockMeter.builder()
        .clock(wall)
        .nanoClock(nanos::get)
        .ledger(ledger)
        .budget(Budget.named("b").limit(limit).window(window).build())
        .build();
  }

  /** A client that may make two calls in each window. */
  private BedrockRuntimeClient twoCalls(Window window) {
    return meter(Amount.requests(2), window).wrap(CannedBedrock.client());
  }

  private void pass(Duration time) {
    wall.advance(time);
    nanos.addAndGet(time.toNanos());
  }

  private static void call(BedrockRuntimeClient client) {
    client.converse(r -> r.modelId("m"));
  }

  private static void callTwice(BedrockRuntimeClient client) {
    call(client);
    call(client);
    assertDenied(client);
  }

  private static void assertDenied(BedrockRuntimeClient client) {
    assertThatThrownBy(() -> call(client))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("has 0 requests left");
  }

  @Test
  void aDayOfTwentyThreeHoursIsOneWindow() {
    BedrockRuntimeClient client = twoCalls(Window.daily(BERLIN));

    wall.set("2026-03-28T23:00:00Z");
    call(client);
    wall.set("2026-03-29T21:59:59Z");
    call(client);
    assertDenied(client);
    wall.set("2026-03-29T22:00:00Z");
    callTwice(client);
  }

  @Test
  void aDayOfTwentyFiveHoursIsOneWindow() {
    BedrockRuntimeClient client = twoCalls(Window.daily(BERLIN));

    wall.set("2026-10-24T22:00:00Z");
    call(client);
    wall.set("2026-10-25T22:59:59Z");
    call(client);
    assertDenied(client);
    wall.set("2026-10-25T23:00:00Z");
    callTwice(client);
  }

  @Test
  void theHourThatComesTwiceIsTwoBudgets() {
    BedrockRuntimeClient client = twoCalls(Window.hourly(BERLIN));

    wall.set("2026-10-25T00:30:00Z");
    callTwice(client);
    wall.set("2026-10-25T01:30:00Z");
    callTwice(client);
  }

  @Test
  void theHalfHourThatComesTwiceIsABudgetOfItsOwn() {
    BedrockRuntimeClient client = twoCalls(Window.hourly(ZoneId.of("Australia/Lord_Howe")));

    wall.set("2026-04-04T14:59:59Z");
    callTwice(client);
    wall.set("2026-04-04T15:00:00Z");
    callTwice(client);
    wall.set("2026-04-04T15:30:00Z");
    callTwice(client);
  }

  @Test
  void aDayThatAZoneLeavesOutGivesNothing() {
    BedrockRuntimeClient client = twoCalls(Window.daily(ZoneId.of("Pacific/Apia")));

    wall.set("2011-12-30T09:59:59Z");
    callTwice(client);
    wall.set("2011-12-30T10:00:00Z");
    callTwice(client);
    wall.set("2011-12-31T09:59:59Z");
    assertDenied(client);
  }

  @Test
  void aLeapDayBelongsToFebruary() {
    BedrockRuntimeClient client = twoCalls(Window.monthly(ZoneOffset.UTC));

    wall.set("2028-02-01T00:00:00Z");
    call(client);
    wall.set("2028-02-29T23:59:59.999999999Z");
    call(client);
    assertDenied(client);
    wall.set("2028-03-01T00:00:00Z");
    callTwice(client);
  }

  @Test
  void aDenialOnADayThatClocksChangeTellsHowLongTheDayLasts() {
    BedrockRuntimeClient client = twoCalls(Window.daily(BERLIN));
    wall.set("2026-10-24T22:00:00Z");
    callTwice(client);

    assertThatThrownBy(() -> call(client)).hasMessageContaining("resets in 1d 1h");
  }

  @Test
  void aClockThatIsSetBackWithinAWindowGivesNothingBack() {
    BedrockRuntimeClient client = twoCalls(Window.daily(ZoneOffset.UTC));
    callTwice(client);

    wall.set("2026-11-23T00:00:00Z");
    assertDenied(client);
    wall.set("2026-11-23T23:59:59.999999999Z");
    assertDenied(client);
  }

  @Test
  void aClockThatIsSetBackOverTheStartOfAWindowFindsWhatWasSpentInBoth() {
    BedrockRuntimeClient client = twoCalls(Window.daily(ZoneOffset.UTC));
    wall.set("2026-11-23T23:59:59Z");
    callTwice(client);
    wall.set("2026-11-24T00:00:01Z");
    call(client);

    wall.set("2026-11-23T23:59:58Z");
    assertDenied(client);
    wall.set("2026-11-24T00:00:00Z");
    call(client);
    assertDenied(client);
  }

  @Test
  void aClockThatJumpsFarAheadAndBackForgetsNothing() {
    BedrockRuntimeClient client = twoCalls(Window.daily(ZoneOffset.UTC));
    callTwice(client);

    wall.set("2090-01-01T00:00:00Z");
    callTwice(client);
    wall.set("2026-11-23T12:00:01Z");
    assertDenied(client);
    pass(Duration.ofHours(11));
    assertDenied(client);
    wall.set("2090-01-01T12:00:00Z");
    assertDenied(client);
  }

  @Test
  void aClockThatJumpsFarBackAndAheadForgetsNothing() {
    BedrockRuntimeClient client = twoCalls(Window.daily(ZoneOffset.UTC));
    callTwice(client);

    wall.set("1970-01-01T00:00:00Z");
    callTwice(client);
    wall.set("2026-11-23T12:00:01Z");
    assertDenied(client);
  }

  @Test
  void aLifetimeIsForgottenByNoJump() {
    BedrockRuntimeClient client = twoCalls(Window.lifetime());
    callTwice(client);

    for (String jump : List.of("2090-01-01T00:00:00Z", "2001-01-01T00:00:00Z")) {
      wall.set(jump);
      assertDenied(client);
      pass(Duration.ofDays(400));
      assertDenied(client);
    }
  }

  @Test
  void whatIsOverIsForgottenInTheEnd() {
    BedrockRuntimeClient client = twoCalls(Window.daily(ZoneOffset.UTC));
    callTwice(client);

    pass(Duration.ofDays(2));

    assertThat(balances()).isEmpty();
  }

  private List<Balance> balances() {
    return ledger.find(AccountQuery.all(10)).toCompletableFuture().join();
  }

  /** A client whose calls stay in flight. */
  private BedrockRuntimeAsyncClient slow() {
    return new BedrockRuntimeAsyncClient() {
      @Override
      public CompletableFuture<ConverseResponse> converse(ConverseRequest request) {
        CompletableFuture<ConverseResponse> answer = new CompletableFuture<>();
        inFlight.add(answer);
        return answer;
      }

      @Override
      public String serviceName() {
        return "slow";
      }

      @Override
      public void close() {}
    };
  }

  private void answer(int tokens) {
    Objects.requireNonNull(inFlight.poll())
        .complete(
            ConverseResponse.builder()
                .usage(TokenUsage.builder().inputTokens(tokens).outputTokens(0).build())
                .build());
  }

  @Test
  void aCallIsChargedInTheWindowItStartedIn() {
    BedrockRuntimeAsyncClient client = meter(Amount.tokens(100), Window.daily(BERLIN)).wrap(slow());
    ConverseRequest request =
        ConverseRequest.builder().modelId("m").inferenceConfig(c -> c.maxTokens(80)).build();
    wall.set("2026-10-25T22:59:59.999999999Z");
    CompletableFuture<ConverseResponse> first = client.converse(request);

    pass(Duration.ofSeconds(1));
    CompletableFuture<ConverseResponse> second = client.converse(request);
    answer(30);
    answer(40);

    assertThat(first).isCompleted();
    assertThat(second).isCompleted();
    assertThat(balances())
        .extracting(balance -> balance.account().start(), Balance::settled, Balance::held)
        .containsExactly(
            tuple(Instant.parse("2026-10-25T23:00:00Z"), 40L, 0L),
            tuple(Instant.parse("2026-10-24T22:00:00Z"), 30L, 0L));
  }

  @Test
  void aGrantEndsAtTheInstantThatClocksChange() {
    BedrockMeter meter = meter(Amount.requests(1), Window.daily(BERLIN));
    BedrockRuntimeClient client = meter.wrap(CannedBedrock.client());
    Instant change = Instant.parse("2026-10-25T01:00:00Z");
    meter.control("b").grant(new Grant("", Amount.requests(2), change, "until clocks change"));

    wall.set("2026-10-25T00:59:59.999999999Z"); // 02:59:59 for the first time
    call(client);
    call(client);
    wall.set("2026-10-25T01:00:00Z"); // 02:00 for the second time
    assertDenied(client);
    wall.set("2026-10-25T00:30:00Z");
    call(client);
    assertDenied(client);
  }
}
