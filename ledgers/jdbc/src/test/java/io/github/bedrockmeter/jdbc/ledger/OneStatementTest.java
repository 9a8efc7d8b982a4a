// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.jdbc.Databases;
import io.github.bedrockmeter.jdbc.Ledgers;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Refused;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * On PostgreSQL a hold is one round trip and a settlement another, whatever happens beside them.
 */
class OneStatementTest {
  private static final Account COMPANY = account("company", "");
  private static final Account TEAM = account("team", "team=search");
  private static final Account RATE = account("rate", "");

  private final Ledgers ledgers = new Ledgers();
  private final AtomicInteger roundTrips = new AtomicInteger();

  @AfterEach
  void close() {
    ledgers.close();
  }

  private static Account account(String budget, String scope) {
    return new Account(budget, Unit.TOKENS, scope, Instant.EPOCH, Instant.MAX);
  }

  private JdbcLedger counted() throws Exception {
    return ledgers.over(Databases.counting(ledgers.newPostgres(), roundTrips));
  }

  private static List<Hold> holds(String id, long amount, long limit) {
    return List.of(
        new Hold(id, COMPANY, amount, limit, true),
        new Hold(id, TEAM, amount, limit, true),
        new Hold(id, RATE, 1, 10, false));
  }

  private static HoldResult take(Ledger ledger, List<Hold> holds) {
    return ledger.hold(holds).toCompletableFuture().join();
  }

  private static List<Settled> settle(Ledger ledger, List<Hold> holds, long... actuals) {
    return ledger.settle(holds, actuals).toCompletableFuture().join();
  }

  private int tripsOf(Runnable work) {
    int before = roundTrips.get();
    work.run();
    return roundTrips.get() - before;
  }

  @Test
  void aHoldIsOneRoundTripAndASettlementAnother() throws Exception {
    Ledger ledger = counted();

    int creating = tripsOf(() -> take(ledger, holds("a", 60, 1_000)));
    int hold = tripsOf(() -> take(ledger, holds("b", 60, 1_000)));
    int settlement = tripsOf(() -> settle(ledger, holds("b", 60, 1_000), 50, 40, 1));
    int refusal = tripsOf(() -> take(ledger, holds("c", 5_000, 1_000)));

    System.out.printf(
        "round trips: hold in new accounts %d, hold %d, settlement %d, refusal %d%n",
        creating, hold, settlement, refusal);
    assertThat(List.of(creating, hold, settlement)).containsOnly(1);
    assertThat(refusal).isEqualTo(2);
    assertThat(ledger.balances(List.of(COMPANY, TEAM, RATE)).toCompletableFuture().join())
        .containsExactly(
            new Balance(COMPANY, 50, 60, 0),
            new Balance(TEAM, 40, 60, 0),
            new Balance(RATE, 1, 1, 0));
  }

  @Test
  void callsThatQueueGoTogether() throws Exception {
    Ledger ledger = counted();
    take(ledger, holds("first", 1, 100_000));
    int before = roundTrips.get();

    List<CompletableFuture<HoldResult>> taken = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      taken.add(ledger.hold(holds("call-" + i, 10, 100_000)).toCompletableFuture());
    }
    for (int i = 0; i < 300; i++) {
      assertThat(taken.get(i).join()).isInstanceOf(Held.class);
    }

    System.out.printf("300 holds in %d round trips%n", roundTrips.get() - before);
    assertThat(roundTrips.get() - before).isLessThan(100);
    assertThat(ledger.balances(List.of(COMPANY)).toCompletableFuture().join())
        .containsExactly(new Balance(COMPANY, 0, 3_001, 0));
  }

  @Test
  void oneThatDoesNotFitRefusesNoOther() throws Exception {
    Ledger ledger = counted();
    List<CompletableFuture<HoldResult>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Hold hold = new Hold("call-" + i, COMPANY, i % 10 == 0 ? 5_000 : 1, 1_000, true);
      answers.add(ledger.hold(List.of(hold)).toCompletableFuture());
    }
    for (int i = 0; i < 200; i++) {
      assertThat(answers.get(i).join()).isInstanceOf(i % 10 == 0 ? Refused.class : Held.class);
    }

    assertThat(ledger.balances(List.of(COMPANY)).toCompletableFuture().join())
        .containsExactly(new Balance(COMPANY, 0, 180, 0));
  }

  @Test
  void eachOfManyObservedHoldsSeesItsOwnOverrun() throws Exception {
    Ledger ledger = counted();
    List<CompletableFuture<HoldResult>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(
          ledger.hold(List.of(new Hold("c" + i, RATE, 1, 60, false))).toCompletableFuture());
    }

    List<Long> overruns = new ArrayList<>();
    for (CompletableFuture<HoldResult> answer : answers) {
      ((Held) answer.join()).overruns().stream().map(Shortfall::available).forEach(overruns::add);
    }

    Collections.sort(overruns, Collections.reverseOrder());
    assertThat(overruns).hasSize(40).startsWith(0L, -1L).endsWith(-39L);
  }

  @Test
  void theStepsOfSettlementsThatGoTogetherMeetAndDoNotOverlap() throws Exception {
    Ledger ledger = counted();
    List<CompletableFuture<List<Settled>>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      take(ledger, List.of(new Hold("call-" + i, COMPANY, 10, 10_000, true)));
    }
    for (int i = 0; i < 400; i++) { // each of them twice
      Hold hold = new Hold("call-" + i / 2, COMPANY, 10, 10_000, true);
      answers.add(ledger.settle(List.of(hold), new long[] {7}).toCompletableFuture());
    }

    List<Settled> steps = new ArrayList<>();
    for (CompletableFuture<List<Settled>> answer : answers) {
      Settled step = answer.join().get(0);
      assertThat(step.withoutHold()).isFalse();
      if (step.before() != step.after()) {
        steps.add(step);
      }
    }

    assertThat(steps).hasSize(200).allMatch(step -> step.after() - step.before() == 7);
    assertThat(steps.stream().map(Settled::before).sorted().toList())
        .isEqualTo(LongStream.range(0, 200).map(i -> 7 * i).boxed().toList());
    assertThat(ledger.balances(List.of(COMPANY)).toCompletableFuture().join())
        .containsExactly(new Balance(COMPANY, 1_400, 0, 0));
  }

  @Test
  void anAmendedCallsSecondHoldIsKnownToBeLostAlthoughItsFirstWasSettled() throws Exception {
    for (Ledger ledger : List.of(counted(), ledgers.over(Databases.newH2()))) {
      List<Hold> call = List.of(new Hold("a", COMPANY, 60, 100, true));
      take(ledger, call);
      settle(ledger, call, 0);
      take(ledger, call);
      OpenHold open = ledger.openHolds(COMPANY).toCompletableFuture().join().get(0);
      assertThat(open.amount()).isEqualTo(60);

      assertThat(settle(ledger, call, 45)).containsExactly(new Settled(COMPANY, 0, 45));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TRANSACTION_READ_COMMITTED",
        "TRANSACTION_REPEATABLE_READ",
        "TRANSACTION_SERIALIZABLE"
      })
  void thirtyTwoThreadsNeverExceedALimit(String isolation) throws Exception {
    String database = Databases.newPostgresDatabase();
    try (HikariDataSource pool = Databases.pool(Databases.postgresPort(), database, 8, isolation);
        HikariDataSource second = Databases.pool(Databases.postgresPort(), database, 8, isolation);
        JdbcLedger one = JdbcLedger.builder(pool).timeout(Duration.ofSeconds(20)).build();
        JdbcLedger other = JdbcLedger.builder(second).timeout(Duration.ofSeconds(20)).build()) {
      List<Account> accounts = List.of(COMPANY, TEAM, RATE, account("a", ""), account("b", "t=1"));
      Map<Account, AtomicLong> charged = new ConcurrentHashMap<>();
      accounts.forEach(account -> charged.put(account, new AtomicLong()));
      AtomicInteger held = new AtomicInteger();
      AtomicInteger violations = new AtomicInteger();
      long limit = 2_000;
      inParallel(
          32,
          thread -> {
            Random random = new Random(thread);
            Ledger ledger = thread % 2 == 0 ? one : other;
            for (int i = 0; i < 40; i++) {
              String id = thread + "-" + i;
              List<Account> some = new ArrayList<>(accounts);
              Collections.shuffle(some, random);
              List<Hold> holds = new ArrayList<>();
              for (Account account : some.subList(0, thread % 4 == 0 ? 3 : 1 + thread % 2)) {
                holds.add(new Hold(id, account, random.nextLong(1, 30), limit, true));
              }
              if (take(ledger, holds) instanceof Held) {
                held.incrementAndGet();
                long[] actuals = new long[holds.size()];
                for (int k = 0; k < actuals.length; k++) {
                  actuals[k] = random.nextLong(holds.get(k).amount() + 1);
                  Objects.requireNonNull(charged.get(holds.get(k).account())).addAndGet(actuals[k]);
                }
                settle(ledger, holds, actuals);
              }
              for (Balance now : ledger.balances(accounts).toCompletableFuture().join()) {
                if (now.settled() + now.held() > limit) {
                  violations.incrementAndGet();
                }
              }
            }
          });

      assertThat(violations).hasValue(0);
      for (Account account : accounts) {
        assertThat(one.balances(List.of(account)).toCompletableFuture().join())
            .containsExactly(
                new Balance(account, Objects.requireNonNull(charged.get(account)).get(), 0, 0));
      }
      System.out.printf(
          "%s: %d of 1280 calls held, %d beyond the limit%n", isolation, held.get(), 0);
      assertThat(held.get()).isGreaterThan(300);
    }
  }

  /** Work of one of several threads. */
  @FunctionalInterface
  private interface ThreadWork {
    void run(int thread) throws Exception;
  }

  private static void inParallel(int threads, ThreadWork work) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<Void>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int thread = i;
        all.add(
            () -> {
              work.run(thread);
              return null;
            });
      }
      for (Future<Void> done : executor.invokeAll(all, 120, TimeUnit.SECONDS)) {
        done.get();
      }
    } finally {
      executor.shutdownNow();
    }
  }
}
