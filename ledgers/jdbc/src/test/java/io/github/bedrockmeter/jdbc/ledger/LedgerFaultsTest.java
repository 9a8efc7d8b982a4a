// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.jdbc.CommitProxy;
import io.github.bedrockmeter.jdbc.Databases;
import io.github.bedrockmeter.jdbc.Ledgers;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Held;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.support.FaultyProxy;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/** A PostgreSQL behind a network that fails: settled + held stays within the limit. */
class LedgerFaultsTest {
  private static final Account DAY =
      new Account("day", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);

  private final Ledgers ledgers = new Ledgers();
  private FaultyProxy network;
  private CommitProxy commits;
  private HikariDataSource pool;
  private String database;

  @BeforeEach
  void open() throws Exception {
    database = Databases.newPostgresDatabase();
    network = FaultyProxy.to(Databases.postgresPort());
    commits = new CommitProxy(network.port());
    pool = Databases.pool(commits.port(), database, 8);
  }

  @AfterEach
  void close() throws Exception {
    ledgers.close();
    pool.close();
    commits.close();
    network.close();
  }

  private JdbcLedger ledger(Duration timeout) {
    return ledgers.add(JdbcLedger.builder(pool).timeout(timeout).build(), pool);
  }

  private static Hold hold(String id, long amount, long limit) {
    return new Hold(id, DAY, amount, limit, true);
  }

  private static HoldResult take(Ledger ledger, Hold hold) {
    return ledger.hold(List.of(hold)).toCompletableFuture().join();
  }

  private static Settled settle(Ledger ledger, Hold hold, long actual) {
    return ledger.settle(List.of(hold), new long[] {actual}).toCompletableFuture().join().get(0);
  }

  private static Balance balance(Ledger ledger) {
    return ledger.balances(List.of(DAY)).toCompletableFuture().join().get(0);
  }

  @Test
  void aHoldWhoseReplyIsLostIsTakenOnce() throws Exception {
    Ledger ledger = ledger(Duration.ofSeconds(5));
    take(ledger, hold("first", 1, 100));
    commits.loseRepliesToCommits(2);

    assertThat(take(ledger, hold("a", 60, 100))).isInstanceOf(Held.class);

    assertThat(commits.lostReplies()).isEqualTo(2);
    assertThat(balance(ledger)).isEqualTo(new Balance(DAY, 0, 61, 0));
  }

  @Test
  void aSettlementWhoseReplyIsLostIsChargedOnce() throws Exception {
    Ledger ledger = ledger(Duration.ofSeconds(5));
    take(ledger, hold("a", 60, 100));
    commits.loseRepliesToCommits(1);

    settle(ledger, hold("a", 60, 100), 45);

    assertThat(commits.lostReplies()).isEqualTo(1);
    assertThat(balance(ledger)).isEqualTo(new Balance(DAY, 45, 0, 0));
  }

  @Test
  void anAdjustmentWhoseReplyIsLostIsNotRepeated() throws Exception {
    Ledger ledger = ledger(Duration.ofSeconds(5));
    take(ledger, hold("a", 60, 100));
    commits.loseRepliesToCommits(1);

    assertThatThrownBy(() -> ledger.adjust(DAY, 30).toCompletableFuture().join())
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining("the commit was not confirmed")
        .hasCauseInstanceOf(SQLException.class);

    assertThat(balance(ledger).settled()).isEqualTo(30);
  }

  @Test
  void cutConnectionsNeitherLoseNorDoubleACharge() throws Exception {
    JdbcLedger ledger = ledger(Duration.ofSeconds(2));
    long limit = 1_000;
    AtomicLong charged = new AtomicLong();
    AtomicInteger undecided = new AtomicInteger();
    inParallel(
        8,
        thread -> {
          Random random = new Random(thread);
          for (int i = 0; i < 25; i++) {
            Hold hold = hold(thread + "-" + i, random.nextLong(1, 30), limit);
            switch (random.nextInt(10)) {
              case 0 -> network.cut();
              case 1 -> commits.loseRepliesToCommits(1);
              default -> {}
            }
            boolean held;
            try {
              held = take(ledger, hold) instanceof Held;
            } catch (CompletionException failure) {
              undecided.incrementAndGet();
              continue;
            }
            if (held) {
              long actual = random.nextLong(hold.amount() + 1);
              settle(ledger, hold, actual);
              charged.addAndGet(actual);
            }
          }
        });
    commits.loseRepliesToCommits(0);

    Balance end = balance(ledger);
    assertThat(end.settled()).isEqualTo(charged.get());
    assertThat(end.settled() + end.held()).isLessThanOrEqualTo(limit);
    // Only calls that got no answer may have left a hold behind.
    assertThat(ledger.openHolds(DAY).toCompletableFuture().join().size())
        .isLessThanOrEqualTo(undecided.get());
    assertThat(commits.lostReplies()).isPositive();
  }

  @Test
  void aCallerWaitsNoLongerThanTheMetersBound() throws Exception {
    JdbcLedger ledger = ledger(Duration.ofSeconds(10));
    AtomicInteger sent = new AtomicInteger();
    BedrockMeter meter =
        BedrockMeter.builder()
            .ledger(ledger)
            .ledgerTimeout(Duration.ofMillis(100))
            .budget(
                Budget.named("all").limit(Amount.requests(10)).window(Window.lifetime()).build())
            .build();
    BedrockRuntimeClient client = meter.wrap(new CountingClient(sent));
    network.delayReplies(Duration.ofMillis(400));

    long start = System.nanoTime();
    assertThatThrownBy(() -> client.converse(r -> r.modelId("a-model")))
        .hasMessageContaining("did not answer within PT0.1S");
    long waitedMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);

    assertThat(sent).hasValue(0);
    assertThat(waitedMillis).isLessThan(1_500);
    network.delayReplies(Duration.ZERO);
    // The hold that was granted too late belongs to no call and is released.
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              assertThat(
                      Databases.value(
                          pool, "SELECT COUNT(*) FROM bedrock_meter_account WHERE held = 0"))
                  .isEqualTo("1");
              assertThat(ledger.find(AccountQuery.all(10)).toCompletableFuture().join()).isEmpty();
            });
  }

  /** Returns an empty response to each call, and counts them. */
  private static final class CountingClient implements BedrockRuntimeClient {
    private final AtomicInteger sent;

    CountingClient(AtomicInteger sent) {
      this.sent = sent;
    }

    @Override
    public ConverseResponse converse(ConverseRequest request) {
      sent.incrementAndGet();
      return ConverseResponse.builder().build();
    }

    @Override
    public String serviceName() {
      return "counting";
    }

    @Override
    public void close() {}
  }

  @Test
  void anUnavailableServerDeniesAndARestartedOneSettles(@TempDir Path data) throws Exception {
    Hold hold = hold("a", 60, 100);
    EmbeddedPostgres before = server(data);
    network.target(before.getPort());
    try (HikariDataSource own = Databases.pool(network.port(), "postgres", 4)) {
      JdbcLedger ledger =
          JdbcLedger.builder(own)
              .timeout(Duration.ofSeconds(1))
              .grace(Databases.LONG_GRACE)
              .build();
      take(ledger, hold);
      before.close();

      assertThatThrownBy(() -> take(ledger, hold("b", 1, 100)))
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(LedgerUnavailableException.class)
          .hasMessageContaining("the ledger's database");
      Future<List<Settled>> settling =
          ledger.settle(List.of(hold), new long[] {45}).toCompletableFuture();
      try (EmbeddedPostgres after = server(data)) {
        network.target(after.getPort());

        assertThat(settling.get(30, TimeUnit.SECONDS)).containsExactly(new Settled(DAY, 0, 45));
        assertThat(balance(ledger)).isEqualTo(new Balance(DAY, 45, 0, 0));
        ledger.close();
      }
    }
  }

  private static EmbeddedPostgres server(Path data) throws Exception {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data.resolve("data"))
        .setCleanDataDirectory(false)
        .start();
  }

  @Test
  void twoProcessesShareALimit() throws Exception {
    long limit = 1_000;
    try (HikariDataSource second = Databases.pool(Databases.postgresPort(), database, 8)) {
      JdbcLedger one = ledger(Duration.ofSeconds(10));
      JdbcLedger other = ledgers.over(second);
      AtomicLong charged = new AtomicLong();
      inParallel(
          16,
          thread -> {
            Ledger ledger = thread % 2 == 0 ? one : other;
            Random random = new Random(thread);
            for (int i = 0; i < 20; i++) {
              Hold hold = hold(thread + "-" + i, random.nextLong(1, 30), limit);
              if (take(ledger, hold) instanceof Held) {
                long actual = random.nextLong(hold.amount() + 1);
                settle(ledger, hold, actual);
                charged.addAndGet(actual);
              }
              Balance now = balance(ledger);
              assertThat(now.settled() + now.held()).isLessThanOrEqualTo(limit);
            }
          });

      assertThat(balance(one)).isEqualTo(new Balance(DAY, charged.get(), 0, 0));
      assertThat(balance(other)).isEqualTo(balance(one));
      assertThat(take(one, hold("more", limit, limit))).isInstanceOf(HoldResult.Refused.class);
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
