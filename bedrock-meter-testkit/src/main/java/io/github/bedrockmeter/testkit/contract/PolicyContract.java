// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetDecision.Granted;
import io.github.bedrockmeter.budget.BudgetDecision.Reservation;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every budget policy must do. A policy's own test class extends this, provides a policy that
 * grants and one that denies, and adds tests of what is special about it:
 *
 * <pre>{@code
 * class WorkingHoursTest extends PolicyContract {
 *   @Override protected BudgetPolicy newPolicy() { return new WorkingHours(at("10:00")); }
 *   @Override protected BudgetPolicy newPolicyThatDenies() { return new WorkingHours(at("22:00")); }
 * }
 * }</pre>
 *
 * <p>A policy that sets something aside for calls in flight overrides {@link #room} too, and one
 * that may have to wait for its answer {@link #newPolicyThatWaits}. A test that does not apply to a
 * policy can be overridden in its test class.
 */
public abstract class PolicyContract {
  private static final int THREADS = 8;

  /** How long a method that waits for nothing may take on a busy machine. */
  private static final Duration LONGEST_CALL = Duration.ofSeconds(5);

  /** Within this time, a stage must complete. */
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  /** A new policy, with nothing reserved or charged, that grants a {@link #call}. */
  protected abstract BudgetPolicy newPolicy() throws Exception;

  /** A policy that denies every {@link #call}; null for one that never denies. */
  protected abstract @Nullable BudgetPolicy newPolicyThatDenies() throws Exception;

  /**
   * A policy that has not decided about a {@link #call} yet, because its store does not answer or a
   * call must wait; null for a policy that answers from memory.
   */
  protected @Nullable BudgetPolicy newPolicyThatWaits() throws Exception {
    return null;
  }

  /**
   * How many calls a new policy grants while none of them has ended; 0 for a policy that sets
   * nothing aside.
   */
  protected int room() {
    return 0;
  }

  /** A call with an id of its own, as the policy expects it; for one with other tags, override. */
  protected MeteredCall call() {
    return SampleCalls.converse().build();
  }

  @Test
  protected void aCallIsGrantedOrDenied() throws Exception {
    assertThat(newPolicy().reserve(call())).isInstanceOf(Granted.class);

    BudgetPolicy denying = newPolicyThatDenies();
    if (denying != null) {
      assertThat(denying.reserve(call())).isInstanceOf(Denied.class);
    }
  }

  @Test
  protected void reserveAsyncDecidesAsReserveDoes() throws Exception {
    assertThat(decided(newPolicy(), call())).isInstanceOf(Granted.class);

    BudgetPolicy denying = newPolicyThatDenies();
    if (denying != null) {
      Denied sync = denial(denying.reserve(call()));
      Denied async = denial(decided(denying, call()));
      assertThat(async.budget()).isEqualTo(sync.budget());
      assertThat(async.scope()).isEqualTo(sync.scope());
      assertThat(async.reason()).isEqualTo(sync.reason());
    }
  }

  private static BudgetDecision decided(BudgetPolicy policy, MeteredCall call) throws Exception {
    return ended(policy.reserveAsync(call));
  }

  /** What a stage completes with; a failed one fails the test with its own exception. */
  private static <T> T ended(@Nullable CompletionStage<T> stage) throws Exception {
    if (stage == null) {
      throw new AssertionError("a method returned null instead of a stage");
    }
    try {
      return stage.toCompletableFuture().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError("the stage did not complete within " + TIMEOUT, late);
    }
  }

  private static Denied denial(@Nullable BudgetDecision decision) {
    if (decision instanceof Denied denied) {
      return denied;
    }
    throw new AssertionError("expected a denial, got " + decision);
  }

  @Test
  protected void reserveAsyncReturnsAtOnce() throws Exception {
    BudgetPolicy policy = newPolicy();

    CompletionStage<BudgetDecision> stage = atOnce(() -> policy.reserveAsync(call()));

    assertThat(ended(stage)).isInstanceOf(Granted.class);
  }

  /** Runs a method on a thread of its own, so that one that blocks fails the test. */
  private static <T> T atOnce(Callable<T> method) throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      return executor.submit(method).get(LONGEST_CALL.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException blocked) {
      throw new AssertionError("the method blocked for " + LONGEST_CALL, blocked);
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  protected void reserveAsyncDoesNotBlockWhileTheAnswerIsOutstanding() throws Exception {
    BudgetPolicy waiting = newPolicyThatWaits();
    assumeTrue(waiting != null, "the policy answers from memory");

    CompletionStage<BudgetDecision> stage = atOnce(() -> waiting.reserveAsync(call()));

    assertThat(stage).as("a stage, never null").isNotNull();
    assertThat(stage.toCompletableFuture()).isNotDone();
  }

  @Test
  protected void callsWithFewFactsAreDecidedToo() throws Exception {
    List<MeteredCall> unusual =
        List.of(
            SampleCalls.converse().region(null).build(),
            SampleCalls.converse().unpriced("no price for the model").build(),
            SampleCalls.converse().inputTokens(0).outputTokens(0).build(),
            SampleCalls.converse().inputTokens(1L << 50).outputTokens(1L << 50).build(),
            SampleCalls.of("AnOperationOfTheFuture").model("a.model-of-the-future-v9").build());

    for (MeteredCall call : unusual) {
      assertThat(newPolicy().reserve(call)).as("decision about %s", call).isNotNull();
      assertThat(decided(newPolicy(), call)).as("decision about %s", call).isNotNull();
    }
  }

  @Test
  protected void whatWasEstimatedCanBeCommitted() throws Exception {
    MeteredCall call = call();

    commit(granted(newPolicy(), call), call.estimate(), call.estimatedCost());
  }

  private static Reservation granted(BudgetPolicy policy, MeteredCall call) {
    BudgetDecision decision = policy.reserve(call);
    if (decision instanceof Granted granted) {
      return granted.reservation();
    }
    throw new AssertionError("expected a grant, got " + decision);
  }

  private static void commit(Reservation reservation, Usage usage, Cost cost) throws Exception {
    ended(atOnce(() -> reservation.commit(usage, cost)));
  }

  private static void release(Reservation reservation) throws Exception {
    ended(atOnce(reservation::release));
  }

  @Test
  protected void moreThanWasEstimatedCanBeCommitted() throws Exception {
    Usage more = Usage.ofTokens(1_000_000, 1_000_000);

    commit(granted(newPolicy(), call()), more, SampleCalls.RATES.costOf(more));
  }

  @Test
  protected void nothingCanBeCommitted() throws Exception {
    commit(granted(newPolicy(), call()), Usage.NONE, Cost.NOTHING);
  }

  @Test
  protected void anUnknownCostCanBeCommitted() throws Exception {
    Usage usage = Usage.ofTokens(900, 100);

    commit(granted(newPolicy(), call()), usage, new Cost.Unknown("no price for the model"));
  }

  @Test
  protected void aReservationCanBeReleased() throws Exception {
    release(granted(newPolicy(), call()));
  }

  @Test
  protected void aCallThatWasReleasedCanBeReservedAgain() throws Exception {
    BudgetPolicy policy = newPolicy();
    MeteredCall call = call();
    release(granted(policy, call));

    Reservation again = granted(policy, call);

    commit(again, call.estimate(), call.estimatedCost());
  }

  @Test
  protected void aReleaseGivesTheRoomBack() throws Exception {
    assumeTrue(room() > 0, "the policy sets nothing aside");
    BudgetPolicy policy = newPolicy();
    List<Reservation> all = fill(policy);

    release(all.get(0));

    Reservation next = granted(policy, call());
    assertThat(policy.reserve(call())).isInstanceOf(Denied.class);
    release(next);
  }

  /** Takes all the room there is, and checks that there is no more. */
  private List<Reservation> fill(BudgetPolicy policy) {
    List<Reservation> all = new ArrayList<>();
    for (int i = 0; i < room(); i++) {
      all.add(granted(policy, call()));
    }
    assertThat(policy.reserve(call())).as("one call more than room()").isInstanceOf(Denied.class);
    return all;
  }

  @Test
  protected void aDenialTakesNoRoom() throws Exception {
    assumeTrue(room() > 0, "the policy sets nothing aside");
    BudgetPolicy policy = newPolicy();
    List<Reservation> all = fill(policy);
    for (int i = 0; i < 10; i++) {
      denial(policy.reserve(call()));
    }

    for (Reservation reservation : all) {
      release(reservation);
    }

    fill(policy);
  }

  @Test
  protected void theDenialOfAnotherPolicyGivesTheRoomBack() throws Exception {
    assumeTrue(room() > 0, "the policy sets nothing aside");
    BudgetPolicy policy = newPolicy();
    BudgetPolicy both =
        BudgetPolicy.allOf(policy, call -> BudgetDecision.denied("another", "as the test wants"));
    for (int i = 0; i < room(); i++) {
      denial(both.reserve(call()));
      denial(decided(both, call()));
    }

    fill(policy);
  }

  @Test
  protected void manyThreadsAreGrantedNoMoreThanThereIsRoom() throws Exception {
    assumeTrue(room() > 0, "the policy sets nothing aside");
    BudgetPolicy policy = newPolicy();
    List<Callable<BudgetDecision>> attempts = new ArrayList<>();
    for (int i = 0; i < 4 * Math.max(THREADS, room()); i++) {
      boolean async = i % 2 == 0;
      MeteredCall call = call();
      attempts.add(() -> async ? decided(policy, call) : policy.reserve(call));
    }

    List<BudgetDecision> decisions = inParallel(attempts);

    assertThat(decisions).doesNotContainNull();
    assertThat(decisions).filteredOn(Granted.class::isInstance).hasSize(room());
  }

  @Test
  protected void manyThreadsCanReserveAndEndTheirCalls() throws Exception {
    BudgetPolicy policy = newPolicy();
    List<Callable<BudgetDecision>> calls = new ArrayList<>();
    for (int i = 0; i < 50 * THREADS; i++) {
      int number = i;
      MeteredCall call = call();
      calls.add(
          () -> {
            BudgetDecision decision =
                number % 2 == 0 ? decided(policy, call) : policy.reserve(call);
            if (decision instanceof Granted granted) {
              ended(end(granted.reservation(), call, number));
            }
            return decision;
          });
    }

    List<BudgetDecision> decisions = inParallel(calls);

    assertThat(decisions).doesNotContainNull().hasAtLeastOneElementOfType(Granted.class);
  }

  /** Every third call is released; the others consumed nearly nothing, or what was estimated. */
  private static CompletionStage<?> end(Reservation reservation, MeteredCall call, int number) {
    return switch (number % 3) {
      case 0 -> reservation.release();
      case 1 -> reservation.commit(Usage.NONE, Cost.NOTHING);
      default -> reservation.commit(call.estimate(), call.estimatedCost());
    };
  }

  private static <T> List<T> inParallel(List<Callable<T>> work) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(THREADS);
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> done : executor.invokeAll(work, 60, TimeUnit.SECONDS)) {
        results.add(done.get());
      }
      return results;
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  protected void aDenialNamesThePolicyAndSaysWhatToDo() throws Exception {
    BudgetPolicy denying = newPolicyThatDenies();
    assumeTrue(denying != null, "the policy never denies");

    Denied denial = denial(denying.reserve(call()));

    assertThat(denial.budget()).as("name of the policy").isNotBlank();
    assertThat(denial.message()).isNotBlank();
    if (denial.requested() == null) {
      assertThat(denial.reason()).as("reason of a denial without amounts").isNotBlank();
    } else {
      assertThat(denial.message()).contains(denial.requested().toString());
    }
    if (denial.reason() != null) {
      assertThat(denial.message()).contains(denial.reason());
    }
  }

  @Test
  protected void aDenialHasBothAmountsOrNone() throws Exception {
    BudgetPolicy denying = newPolicyThatDenies();
    assumeTrue(denying != null, "the policy never denies");

    Denied denial = denial(denying.reserve(call()));

    Amount requested = denial.requested();
    Amount available = denial.available();
    assertThat(available == null).as("requested and available").isEqualTo(requested == null);
    if (requested != null && available != null) {
      assertThat(available.unit()).isEqualTo(requested.unit());
      assertThat(requested.units()).isNotNegative();
      assertThat(available.units()).isNotNegative();
    }
  }

  @Test
  protected void aDenialPromisesNoRetryInThePast() throws Exception {
    BudgetPolicy denying = newPolicyThatDenies();
    assumeTrue(denying != null, "the policy never denies");

    Denied denial = denial(denying.reserve(call()));

    assertThat(denial.retryAfter())
        .satisfiesAnyOf(none -> assertThat(none).isNull(), time -> assertThat(time).isPositive());
  }
}
