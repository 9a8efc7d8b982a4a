// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.jdbc.FullDisk;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.testkit.CannedBedrock;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** An H2 ledger whose disk is full for a while: the limit holds. */
class FullDiskTest {
  private static final int LIMIT = 600;
  private static final int CALLS = 1_000;

  @TempDir Path folder;

  /** A disk that can be filled. */
  private interface Disk {
    void fill() throws IOException;

    void free() throws IOException;
  }

  /** Counts what was not settled, or settled without its hold. */
  private static final class Reports implements MeterListener {
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger withoutHold = new AtomicInteger();

    @Override
    public void onSettlementFailed(SettlementFailedEvent event) {
      failed.incrementAndGet();
    }

    @Override
    public void onChargedWithoutHold(ChargedWithoutHoldEvent event) {
      withoutHold.incrementAndGet();
    }
  }

  @Test
  void theLimitHoldsWhileAFileCannotGrow() throws Exception {
    FullDisk.register();
    String url = "jdbc:h2:fulldisk:" + folder.resolve("ledger") + ";WRITE_DELAY=0";
    JdbcConnectionPool pool = JdbcConnectionPool.create(url, "sa", "");
    Disk disk =
        new Disk() {
          @Override
          public void fill() {
            FullDisk.full(true);
          }

          @Override
          public void free() {
            FullDisk.full(false);
          }
        };
    try {
      check(() -> JdbcLedger.over(pool), disk);
    } finally {
      FullDisk.full(false);
      pool.dispose();
    }
  }

  @Test
  void theLimitHoldsOnAFullFileSystem() throws Exception {
    assumeTrue(
        mount("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.toString()),
        () -> {
          String skipped =
              "theLimitHoldsOnAFullFileSystem was skipped: no file system can be mounted here";
          System.out.println(skipped);
          return skipped;
        });
    Path filler = folder.resolve("filler");
    Disk disk =
        new Disk() {
          @Override
          public void fill() throws IOException {
            try (OutputStream out = Files.newOutputStream(filler)) {
              byte[] block = new byte[4_096];
              for (int i = 0; i < 10_000; i++) {
                out.write(block);
              }
            } catch (IOException full) {
              return;
            }
            throw new IOException("the file system cannot be filled");
          }

          @Override
          public void free() throws IOException {
            Files.delete(filler);
          }
        };
    try {
      check(() -> JdbcLedger.file(folder.resolve("ledger")), disk);
    } finally {
      mount("umount", folder.toString());
    }
  }

  private static boolean mount(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException unknownCommand) {
      return false;
    }
  }

  private static void check(Supplier<JdbcLedger> opening, Disk disk) throws Exception {
    Reports reports = new Reports();
    JdbcLedger ledger = opening.get();
    BedrockMeter meter =
        BedrockMeter.builder()
            .ledger(ledger)
            .settlementTime(Duration.ofSeconds(5))
            .listener(reports)
            .budget(
                Budget.named("all").limit(Amount.requests(LIMIT)).window(Window.lifetime()).build())
            .build();
    BedrockRuntimeClient client = meter.wrap(CannedBedrock.client());
    int before = calls(client, 100);
    disk.fill();
    int whileFull = calls(client, 300);
    Thread.sleep(1_000);
    int later = calls(client, 100);
    disk.free();
    Thread.sleep(2_000);
    int afterwards = calls(client, 500);
    meter.close();
    ledger.close();
    int sent = before + whileFull + later + afterwards;
    long charged;
    try (JdbcLedger again = opening.get()) {
      List<Balance> balances = again.find(AccountQuery.all(10)).toCompletableFuture().join();
      charged = balances.stream().mapToLong(each -> each.settled() + each.held()).sum();
    }

    System.out.printf(
        "%d calls, %d beyond the limit (sent %d: before %d, full %d and %d, freed %d; charged %d,"
            + " without their holds %d, settlements that failed %d)%n",
        CALLS,
        Math.max(0, sent - LIMIT),
        sent,
        before,
        whileFull,
        later,
        afterwards,
        charged,
        reports.withoutHold.get(),
        reports.failed.get());
    assertThat(sent).isLessThanOrEqualTo(LIMIT);
    assertThat(before).isEqualTo(100);
    assertThat(afterwards).as("it goes on when there is space").isPositive();
    assertThat(charged + reports.failed.get()).isGreaterThanOrEqualTo(sent);
  }

  private static int calls(BedrockRuntimeClient client, int count) {
    int sent = 0;
    for (int i = 0; i < count; i++) {
      try {
        client.converse(r -> r.modelId("model").inferenceConfig(c -> c.maxTokens(10)));
        sent++;
      } catch (BudgetExceededException denied) {
        // Over the limit, or the ledger is unavailable.
      }
    }
    return sent;
  }
}
