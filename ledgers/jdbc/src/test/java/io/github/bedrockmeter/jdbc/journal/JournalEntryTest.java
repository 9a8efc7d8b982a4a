// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.event.MeterListener.DenialEvent;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.jdbc.journal.UsageRow.Costs;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Unit;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands in the journal's files: its format is older than these classes. */
class JournalEntryTest {
  private static final Instant NOW = Instant.parse("2026-11-27T11:00:00.5Z");

  private static String text(JournalEntry entry) {
    return new String(entry.toBytes(), UTF_8);
  }

  private static JournalEntry read(String text) throws IOException {
    return JournalEntry.fromBytes(text.getBytes(UTF_8));
  }

  @Test
  void partsOfACallStandSideBySideWithoutNulls() {
    String text = text(JournalEntry.of(UsageRows.of(Events.event("a"))));

    assertThat(text)
        .startsWith(
            "{\"usage\":{\"callId\":\"a\",\"startedAt\":{\"seconds\":1795428930,\"nanos\":5")
        .contains(
            "\"outcome\":\"COMPLETED\"",
            "\"inputTokens\":100",
            "\"costUsd\":0.00066",
            "\"boundTotalTokens\":900",
            "\"attemptsUnanswered\":1",
            "\"lines\":[{\"meter\":\"input\"",
            "\"tags\":{\"env\":\"prod\",\"team\":\"search\"}")
        .doesNotContain("null", "\"call\":", "\"costs\":", "\"streamAttempts\"");
  }

  @Test
  void partsOfABudgetEventStandSideBySideWithoutNulls() {
    Denied denied =
        new Denied(
            DenialKind.OVER_LIMIT,
            "day",
            "team=a",
            Amount.tokens(9),
            Amount.tokens(2),
            null,
            null,
            null);
    DenialEvent event = new DenialEvent(Events.call("a", "us-east-1", "search"), denied, false);

    assertThat(text(JournalEntry.of(BudgetRows.of(event, NOW))))
        .isEqualTo(
            "{\"budget\":{\"eventId\":\"SHADOW:a:day\",\"kind\":\"SHADOW\",\"happenedAt\":{\"seconds\":"
                + "1795777200,\"nanos\":500000000},\"callId\":\"a\",\"modelId\":\"a-model\",\"budget\":\"day\",\"scope\":"
                + "\"team=a\",\"unit\":\"TOKENS\",\"requested\":9,\"available\":2,\"denialKind\":\"OVER_LIMIT\"}}");
  }

  @Test
  void entriesAreReadAsTheyWereWritten() throws Exception {
    Account day = new Account("day", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
    ThresholdEvent threshold =
        new ThresholdEvent(day, new BigDecimal("0.80"), Amount.tokens(81), Amount.tokens(100));
    List<JournalEntry> entries =
        List.of(
            JournalEntry.of(UsageRows.of(Events.event("a"))),
            JournalEntry.of(UsageRows.of(Events.unpricedStream("b"))),
            JournalEntry.of(BudgetRows.of(threshold, UUID.randomUUID(), NOW)));

    for (JournalEntry entry : entries) {
      assertThat(JournalEntry.fromBytes(entry.toBytes())).isEqualTo(entry);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.00066000000000000000000000000000000000001",
        "123456789012345678901234567890.10",
        "0.1",
        "10.00",
        "0"
      })
  void moneyIsReadToTheLastDigit(String usd) throws Exception {
    UsageRow row = UsageRows.of(Events.event("a"));
    Costs costs = new Costs(new BigDecimal(usd), new BigDecimal(usd), null, "test");
    UsageRow priced =
        new UsageRow(
            row.call(),
            row.result(),
            row.tokens(),
            costs,
            row.estimated(),
            row.attempts(),
            row.details(),
            row.observed());

    JournalEntry read = JournalEntry.fromBytes(JournalEntry.of(priced).toBytes());

    assertThat(read.usage()).isEqualTo(priced);
  }

  @Test
  void theTimeOfAnEventThatVersion1WroteIsRead() throws Exception {
    String version1 =
        "{\"budget\":{\"eventId\":\"FROZEN:1\",\"kind\":\"FROZEN\","
            + "\"toldAt\":{\"seconds\":1795777200,\"nanos\":500000000}}}";

    assertThat(text(read(version1))).isEqualTo(version1.replace("toldAt", "happenedAt"));
  }

  @Test
  void propertiesOfALaterVersionAreIgnored() throws Exception {
    String text = text(JournalEntry.of(UsageRows.of(Events.event("a"))));

    assertThat(text(read(text.replace("{\"callId\"", "{\"later\":[{}],\"callId\""))))
        .isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x", "{}", "7", "{\"usage\":{},\"budget\":{}}", "{\"usage\":\"no row\"}"})
  void somethingElseIsRefused(String text) {
    assertThatIOException().isThrownBy(() -> read(text));
  }
}
