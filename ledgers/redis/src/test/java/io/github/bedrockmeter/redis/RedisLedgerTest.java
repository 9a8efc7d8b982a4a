// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerSupport;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.support.RedisProcess;
import io.github.bedrockmeter.testkit.contract.LedgerContract;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One server. Every test has a prefix of its own on it. */
class RedisLedgerTest extends LedgerContract {
  private static final AtomicInteger PREFIXES = new AtomicInteger();
  private static RedisProcess server;
  private static RedisClient client;

  private final String prefix = "test-" + PREFIXES.incrementAndGet();

  @BeforeAll
  static void start() throws Exception {
    server = RedisProcess.start();
    client = RedisClient.create(server.uri());
  }

  @AfterAll
  static void stop() throws Exception {
    client.shutdown();
    server.close();
  }

  @Override
  protected Ledger newLedger() {
    return builder().build();
  }

  private RedisLedger.Builder builder() {
    return RedisLedger.builder(client.connect()).prefix(prefix);
  }

  @Override
  protected Ledger another(Ledger ledger) {
    return builder().build();
  }

  @Override
  protected Ledger impatientLedger() {
    return builder().abandonAfter(Duration.ofMillis(300)).build();
  }

  private Ledger ledger(Duration grace) {
    return builder().grace(grace).build();
  }

  private static RedisCommands<String, String> redis() {
    return client.connect().sync();
  }

  private String key(String rest) {
    return "{" + prefix + "}:" + rest;
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static Hold hold(String id, Account account, long amount) {
    return new Hold(id, account, amount, 100, true);
  }

  private static Account endingIn(String budget, Duration time) {
    Instant end = Instant.now().plus(time);
    return new Account(budget, Unit.TOKENS, "", end.minusSeconds(86_400), end);
  }

  @Test
  void aKeyContainsTheNameOfItsAccount() {
    Account team =
        new Account(
            "day",
            Unit.TOKENS,
            "team=search {eu}",
            Instant.parse("2026-11-23T00:00:00Z"),
            Instant.parse("2126-11-24T00:00:00Z"));

    await(newLedger().hold(List.of(hold("a", team, 60))));

    String key = key("day/TOKENS/team=search+%7Beu%7D/2026-11-23T00:00:00Z/2126-11-24T00:00:00Z");
    assertThat(redis().hgetall(key))
        .containsEntry("s", "0")
        .containsEntry("t", "60")
        .hasEntrySatisfying("#a", record -> assertThat(record).matches("60 \\d{13}"))
        .hasEntrySatisfying("o", since -> assertThat(since).matches("\\d{13}"))
        .hasSize(4);
    assertThat(redis().zrange(key("accounts"), 0, -1)).containsExactly(key);
  }

  @Test
  void aHoldOfThreeBudgetsIsOneScriptCallAndSoIsItsSettlement() throws Exception {
    try (RedisProcess own = RedisProcess.start();
        RedisClient toIt = RedisClient.create(own.uri())) {
      Ledger ledger = RedisLedger.over(toIt.connect());
      List<Hold> holds =
          List.of(
              hold("a", account("1"), 1), hold("a", account("2"), 1), hold("a", account("3"), 1));
      for (int i = 0; i < 2; i++) {
        await(ledger.hold(holds));
        await(ledger.settle(holds, new long[3]));
      }

      String statistics = toIt.connect().sync().info("commandstats");

      assertThat(statistics).contains("cmdstat_evalsha:calls=4,").contains("cmdstat_eval:calls=2,");
    }
  }

  @Test
  void anAccountGoesAGraceAfterItsWindowByTheServersClock() {
    Ledger ledger = ledger(Duration.ofMinutes(10));
    Account ending = endingIn("ending", Duration.ofHours(2));
    Account ended = endingIn("ended", Duration.ofHours(-2));
    Account lifetime = new Account("all", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
    for (Account account : List.of(ending, ended, lifetime)) {
      await(ledger.hold(List.of(hold("a", account, 1))));
    }

    assertThat(redis().pttl(keys().of(ending))).isBetween(7_700_000L, 7_800_000L);
    assertThat(redis().pttl(keys().of(ended))).isBetween(500_000L, 600_000L);
    assertThat(redis().pttl(keys().of(lifetime))).isEqualTo(-1);
  }

  private AccountKeys keys() {
    return new AccountKeys(prefix);
  }

  @Test
  void theIndexForgetsAccountsThatAreGone() throws Exception {
    Ledger ledger = ledger(Duration.ofMillis(1));
    for (int i = 0; i < 30; i++) {
      await(ledger.hold(List.of(hold("a", endingIn("ended-" + i, Duration.ofHours(-1)), 1))));
    }
    pass(Duration.ofMillis(20));
    for (int i = 0; i < 4; i++) {
      await(ledger.hold(List.of(hold("a", account("now-" + i), 1))));
    }

    assertThat(redis().zrange(key("accounts"), 0, -1)).hasSize(4);
    assertThat(await(ledger.find(AccountQuery.all(100)))).hasSize(4);
  }

  @Test
  void aRefusedHoldLeavesNothingBehind() {
    await(newLedger().hold(List.of(hold("a", account("day"), 101))));

    assertThat(redis().keys(key("*"))).isEmpty();
  }

  @Test
  void anOverflowTakesNoHoldAtAll() {
    Ledger ledger = newLedger();
    Account observed = account("observed");
    await(ledger.hold(List.of(hold("a", observed, 10))));

    assertThatThrownBy(
            () ->
                await(
                    ledger.hold(
                        List.of(
                            hold("b", account("strict"), 5),
                            new Hold("b", observed, Long.MAX_VALUE, 100, false)))))
        .hasCauseInstanceOf(ArithmeticException.class)
        .hasMessageContaining("overflows");

    assertThat(await(ledger.balances(List.of(account("strict"), observed))))
        .extracting(Balance::held)
        .containsExactly(0L, 10L);
  }

  @Test
  void theSmallestAndLargestAdjustmentsStayExact() {
    Ledger ledger = newLedger();
    Account day = account("day");

    assertThat(await(ledger.adjust(day, Long.MIN_VALUE))).isEqualTo(new Settled(day, 0, 0));
    assertThat(await(ledger.adjust(day, Long.MAX_VALUE)))
        .isEqualTo(new Settled(day, 0, Long.MAX_VALUE));
    assertThat(await(ledger.adjust(day, -1)))
        .isEqualTo(new Settled(day, Long.MAX_VALUE, Long.MAX_VALUE - 1));
    assertThat(await(ledger.adjust(day, Long.MIN_VALUE)))
        .isEqualTo(new Settled(day, Long.MAX_VALUE - 1, 0));
  }

  @Test
  void randomAmountsOfAllSizesAddUp() {
    Ledger ledger = newLedger();
    Account day = account("day");
    Random random = new Random(7);
    long limit = Long.MAX_VALUE / 2;
    long settled = 0;
    for (int i = 0; i < 300; i++) {
      long amount = random.nextLong() >>> random.nextInt(1, 64);
      Hold hold = new Hold("call-" + i, day, amount, limit, true);
      HoldResult result = await(ledger.hold(List.of(hold)));
      if (amount > limit - settled) {
        assertThat(result)
            .isEqualTo(
                new HoldResult.Refused(List.of(new HoldResult.Shortfall(hold, limit - settled))));
      } else {
        assertThat(result).isEqualTo(HoldResult.CLEAN);
        long actual = amount >>> random.nextInt(4);
        assertThat(await(ledger.settle(List.of(hold), new long[] {actual})))
            .containsExactly(new Settled(day, settled, settled + actual));
        settled += actual;
      }
    }
    assertThat(await(ledger.balances(List.of(day))))
        .containsExactly(new Balance(day, settled, 0, 0));
  }

  @Test
  void moreAccountsThanOneReadingTakesAreAllReturned() {
    Ledger ledger = newLedger();
    List<Account> accounts = new ArrayList<>();
    for (int i = 0; i < 450; i++) {
      accounts.add(account("budget-" + i));
      await(ledger.hold(List.of(hold("a", accounts.get(i), 1))));
    }

    assertThat(await(ledger.balances(accounts)))
        .extracting(Balance::account)
        .containsExactlyElementsOf(accounts);
    assertThat(await(ledger.find(AccountQuery.all(1_000)))).hasSize(450);
  }

  @Test
  void scriptsThatTheServerForgetsAreSentAgain() {
    Ledger ledger = newLedger();
    Account day = account("day");
    for (int i = 0; i < 20; i++) {
      Hold hold = hold("call-" + i, day, 1);
      redis().scriptFlush();
      assertThat(await(ledger.hold(List.of(hold)))).isEqualTo(HoldResult.CLEAN);
      redis().scriptFlush();
      assertThat(await(ledger.settle(List.of(hold), new long[] {1})))
          .containsExactly(new Settled(day, i, i + 1));
    }
  }

  @Test
  void aUserNeedsNoMoreThanTheDocumentedRights() {
    server.admit(prefix, "");
    Ledger ledger =
        RedisLedger.builder(client.connect(server.uriOfAdmitted())).prefix(prefix).build();
    Account day = account("day");
    Account idle =
        new Account("run", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX, Duration.ofHours(1));
    List<Hold> holds = List.of(hold("a", day, 60), hold("a", idle, 60));

    assertThat(await(ledger.hold(holds))).isEqualTo(HoldResult.CLEAN);
    await(ledger.release(await(ledger.openHolds(day)).get(0)));
    await(ledger.settle(holds, new long[] {30, 30}));
    await(ledger.adjust(day, 5));
    await(ledger.adjust(day, -10));

    assertThat(await(ledger.find(AccountQuery.all(10))))
        .extracting(Balance::settled)
        .containsExactly(30L, 25L);
    Ledger other =
        RedisLedger.builder(client.connect(server.uriOfAdmitted())).prefix("other").build();
    assertThatThrownBy(() -> await(other.hold(holds)))
        .hasCauseInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining("The Redis user of the ledger may not use the keys of its prefix")
        .hasMessageContaining("NOPERM")
        .hasMessageNotContaining("secret");
  }

  @Test
  void aLookThatFindsNothingAbandonedDoesNotHideWhatIsLater() {
    Ledger ledger = impatientLedger();
    Account day = account("day");
    await(ledger.hold(List.of(hold("early", day, 1))));
    Awaitility.await().until(() -> abandoned(ledger, day) == 1);
    await(ledger.settle(List.of(hold("early", day, 1)), new long[] {0}));
    assertThat(abandoned(ledger, day)).isZero();
    await(ledger.hold(List.of(hold("late", day, 20))));

    Awaitility.await().until(() -> abandoned(ledger, day) == 20);
  }

  private static long abandoned(Ledger ledger, Account account) {
    return await(ledger.balances(List.of(account))).get(0).abandoned();
  }

  @Test
  void anAccountTakesAFewHundredBytes() {
    Account team =
        new Account(
            "search-per-day",
            Unit.NANO_USD,
            "team=search",
            Instant.parse("2026-11-23T00:00:00Z"),
            Instant.parse("2126-11-24T00:00:00Z"));
    await(newLedger().hold(List.of(hold(UUID.randomUUID().toString(), team, 60))));

    assertThat(redis().memoryUsage(keys().of(team))).isLessThan(400);
  }

  @Test
  void aSettledCallTakesAHundredAndSomeBytesForSixMinutes() {
    Ledger ledger = newLedger();
    Account day = account("day");
    int calls = 2_000;
    for (int i = 0; i < calls; i++) {
      List<Hold> call = List.of(new Hold(UUID.randomUUID().toString(), day, 1, 10_000, true));
      await(ledger.hold(call));
      await(ledger.settle(call, new long[] {1}));
    }

    String settlements = keys().settlements(keys().of(day));
    long bytes = redis().memoryUsage(settlements) / calls;
    System.out.printf("A settled call takes %d bytes in Redis for six minutes%n", bytes);
    assertThat(bytes).isLessThan(180);
    assertThat(redis().pttl(settlements)).isBetween(300_000L, 360_000L);
    assertThat(redis().memoryUsage(keys().of(day))).as("the account itself").isLessThan(400);
  }

  @Test
  void eachSettlementDropsAFewRecordsThatAreTooOld() {
    Ledger ledger = newLedger();
    Account day = account("day");
    await(ledger.hold(List.of(hold("a", day, 1), hold("a", account("other"), 1))));
    String settlements = keys().settlements(keys().of(day));
    long old = System.currentTimeMillis() - LedgerSupport.PROOF_TIME.toMillis() - 1_000;
    for (int i = 0; i < 10; i++) {
      redis().zadd(settlements, (double) (old + i), "old-" + i);
    }

    await(ledger.settle(List.of(hold("a", day, 1)), new long[] {1}));

    assertThat(redis().zrange(settlements, 0, -1))
        .containsExactly("old-4", "old-5", "old-6", "old-7", "old-8", "old-9", "a");
  }

  @Test
  void aSettlementIsKnownToOtherProcessesAndWhateverHappensBetween() {
    Ledger ledger = newLedger();
    Account day = account("day");
    await(ledger.hold(List.of(hold("a", day, 60))));
    await(ledger.settle(List.of(hold("a", day, 60)), new long[] {45}));
    await(ledger.hold(List.of(hold("b", day, 10))));
    await(ledger.settle(List.of(hold("b", day, 10)), new long[] {10}));

    assertThat(await(newLedger().settle(List.of(hold("a", day, 60)), new long[] {45})))
        .containsExactly(new Settled(day, 55, 55));
  }

  @Test
  void whoCorrectedAndWhyIsKeptOnOneLineForTheLatestThousand() {
    RedisLedger ledger = builder().build();
    Account day = account("day");
    await(ledger.hold(List.of(hold("a", day, 60))));
    for (int i = 0; i < 1_005; i++) {
      redis().zadd(key("corrections"), i, "old " + i);
    }

    await(ledger.adjust(day, 5, new Correction("anna", "a refund\nadjust by eve: nothing")));
    await(ledger.release(await(ledger.openHolds(day)).get(0), new Correction("ben", "gone")));

    List<String> kept = redis().zrange(key("corrections"), 0, -1);
    assertThat(kept).hasSize(1_000);
    assertThat(kept.subList(998, 1_000))
        .satisfiesExactly(
            adjusted ->
                assertThat(adjusted)
                    .matches(
                        "adjust by anna: a refund\\\\nadjust by eve: nothing; 0 -> 5 in .*day.*"),
            released -> assertThat(released).matches("release by ben: gone; 60 given back in .*"));
  }

  @Test
  void whatMakesNoSenseIsRefusedAtOnce() {
    RedisLedger.Builder builder = builder();

    assertThatIllegalArgumentException().isThrownBy(() -> builder.prefix(" "));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.prefix("a{b}"));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.grace(Duration.ZERO));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.abandonAfter(Duration.ofSeconds(-1)));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> builder.build().settle(List.of(hold("a", account("day"), 1)), new long[] {-1}));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> builder.build().hold(List.of(hold("a", scoped("t=" + "x".repeat(4_095)), 1))))
        .withMessage(
            "a scope of budget 'day' must not have more than 4096 characters: it has 4097");
  }

  private static Account scoped(String scope) {
    return new Account("day", Unit.TOKENS, scope, Instant.EPOCH, Instant.MAX);
  }
}
