// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.logs.LogFolder;
import io.github.bedrockmeter.report.logs.LogLines;
import io.github.bedrockmeter.report.logs.PriceSource;
import io.github.bedrockmeter.report.progress.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HoldSettlementTest {
  private static final Instant END = Instant.parse("2099-01-01T00:00:00Z");
  private static final Correction ANNA = new Correction("anna", "the log has it");

  @TempDir Path folder;

  private final Ledger ledger = Ledger.inMemory();

  @Test
  void whatTheLogProvesIsChargedAndTheRestStays() throws Exception {
    Account usd = account(Unit.NANO_USD);
    Account tokens = account(Unit.TOKENS);
    Account requests = account(Unit.REQUESTS);
    for (Account account : List.of(usd, tokens, requests)) {
      for (String call : List.of("answered", "failed", "not-in-the-log")) {
        Hold hold = new Hold(call, account, 900_000_000, Long.MAX_VALUE, true);
        ledger.hold(List.of(hold)).toCompletableFuture().join();
      }
    }
    Files.writeString(
        folder.resolve("a.json"),
        line("r-1", "answered", "", 1_000, 625)
            + line("r-1", "answered", "", 1_000, 625)
            + line("r-2", "failed", ",\"errorCode\":\"ThrottlingException\"", 0, 0)
            + line("r-3", "later", "", 1, 1).replace("T07:43:10Z", "T08:43:11Z"));

    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      LogFolder.of(List.of(folder))
          .readInto(tables, LogLines.pricedBy(PriceSource.catalog()), Progress.NONE);
      LogReconciliation.of(tables, null, null);
      HoldSettlement settlement = HoldSettlement.of(tables);
      for (Account account : List.of(usd, tokens, requests)) {
        for (OpenHold hold : ledger.openHolds(account).toCompletableFuture().join()) {
          HoldSettlement.Step step = settlement.of(hold);
          assertThat(step.isProven()).isEqualTo(!hold.id().equals("not-in-the-log"));
          if (step.isProven()) {
            HoldSettlement.carryOut(ledger, step, ANNA).toCompletableFuture().join();
          } else {
            assertThatThrownBy(() -> HoldSettlement.carryOut(ledger, step, ANNA))
                .isInstanceOf(IllegalArgumentException.class);
          }
        }
      }
    }

    assertThat(balance(usd).settled()).isEqualTo(210_000);
    assertThat(balance(tokens).settled()).isEqualTo(1_625);
    assertThat(balance(requests).settled()).isEqualTo(1);
    assertThat(balance(usd).held()).isEqualTo(900_000_000);
    assertThat(balance(tokens).held()).isEqualTo(900_000_000);
  }

  @Test
  void aFailedAttemptAloneProvesNothingUntilTheLogGoesOn() throws Exception {
    Account usd = account(Unit.NANO_USD);
    Hold hold = new Hold("failed", usd, 900_000_000, Long.MAX_VALUE, true);
    ledger.hold(List.of(hold)).toCompletableFuture().join();
    OpenHold open = ledger.openHolds(usd).toCompletableFuture().join().get(0);
    String failed = line("r-2", "failed", ",\"errorCode\":\"ThrottlingException\"", 0, 0);
    String later = line("r-3", "later", "", 1, 1);

    assertThat(step(open, failed))
        .isEqualTo(
            new HoldSettlement.Step(open, null, "only failed attempts are in the log so far"));
    assertThat(step(open, failed + later.replace("T07:43:10Z", "T08:43:10Z")).isProven()).isFalse();
    assertThat(step(open, failed + later.replace("T07:43:10Z", "T08:43:11Z")).charge()).isZero();
  }

  private HoldSettlement.Step step(OpenHold hold, String lines) throws Exception {
    Files.writeString(folder.resolve("a.json"), lines);
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      LogFolder.of(List.of(folder))
          .readInto(tables, LogLines.pricedBy(PriceSource.catalog()), Progress.NONE);
      LogReconciliation.of(tables, null, null);
      return HoldSettlement.of(tables).of(hold);
    }
  }

  private Balance balance(Account account) {
    return ledger.balances(List.of(account)).toCompletableFuture().join().get(0);
  }

  private static Account account(Unit unit) {
    return new Account("century", unit, "", Instant.EPOCH, END, null);
  }

  private static String line(String request, String call, String error, int input, int output) {
    return """
        {"timestamp":"2026-11-28T07:43:10Z","accountId":"123456789012","region":"us-east-1","requestId":"%s",\
        "operation":"Converse","modelId":"amazon.nova-lite-v1:0","requestMetadata":{"bedrockMeterCall":"%s"}%s,\
        "input":{"inputTokenCount":%d},"output":{"outputTokenCount":%d},"schemaType":"ModelInvocationLog"}
        """
        .formatted(request, call, error, input, output);
  }
}
