// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import io.github.bedrockmeter.report.facts.CallFacts.Charge;
import io.github.bedrockmeter.report.facts.CallFacts.Counts;
import io.github.bedrockmeter.report.facts.CallFacts.Identity;
import io.github.bedrockmeter.report.facts.CallFacts.Model;
import io.github.bedrockmeter.report.facts.CallFacts.Money;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Writes facts into the tables in bulk. What was written can be asked for after {@link #close}.
 * Confined to one thread.
 */
public final class FactWriter implements AutoCloseable {
  private final DuckDBConnection connection;
  private final LongConsumer atClose;
  private final Map<String, DuckDBAppender> appenders = new LinkedHashMap<>();
  private final AutoCloseable own;
  private final SharedTexts<CallTexts> callTexts;
  private final SharedTexts<ChargeTexts> chargeTexts;
  private final SharedTexts<Map<String, String>> tagTexts;
  private long call;

  /**
   * A writer.
   *
   * @param texts numbers for texts, each once for all writers of the tables
   * @param lastCall the last number of a call that is taken
   * @param atClose is given the last number that was taken here
   * @param own what is closed with it
   */
  FactWriter(
      DuckDBConnection connection,
      LongSupplier texts,
      long lastCall,
      LongConsumer atClose,
      AutoCloseable own) {
    this.connection = connection;
    this.callTexts = new SharedTexts<>(texts);
    this.chargeTexts = new SharedTexts<>(texts);
    this.tagTexts = new SharedTexts<>(texts);
    this.call = lastCall;
    this.atClose = atClose;
    this.own = own;
  }

  void numberFrom(long lastCall) {
    call = lastCall;
  }

  /**
   * Adds a call; returns its number in the tables.
   *
   * @throws ArithmeticException if an amount has more than 18 decimals, or is too large: the
   *     message names the call, and nothing of it is written
   * @throws IllegalStateException if the engine refuses it
   */
  public long add(CallFacts facts) {
    Amounts.check(facts);
    call++;
    try {
      long texts = callTexts.numberOf(CallTexts.of(facts), this::write);
      addCall(facts, texts);
      for (Charge charge : facts.details().charges()) {
        long number = numberOf(charge);
        add(begin("charge_rows").append(call), number, charge);
      }
      Map<String, String> tags = facts.details().tags();
      if (!tags.isEmpty()) {
        long number = tagTexts.numberOf(tags, this::write);
        begin("tag_rows").append(call).append(number).endRow();
      }
      return call;
    } catch (SQLException failure) {
      throw refused(failure);
    }
  }

  private void addCall(CallFacts facts, long texts) throws SQLException {
    Identity identity = facts.identity();
    DuckDBAppender row = begin("call_rows");
    row.append(call).append(texts);
    add(row, facts.origin().line());
    row.append(identity.requestId()).append(identity.callId());
    add(row, identity.time());
    add(row, facts.outcome().elapsedNanos());
    add(row, facts.outcome().firstChunkNanos());
    add(row, facts.counts());
    add(row, facts.money());
    row.endRow();
  }

  private static void add(DuckDBAppender row, Counts counts) throws SQLException {
    add(row, counts.input());
    add(row, counts.output());
    add(row, counts.cacheRead());
    add(row, counts.cacheWrite());
    add(row, counts.total());
  }

  private static void add(DuckDBAppender row, Money money) throws SQLException {
    boolean isCertain =
        money.costUsd() != null && money.costUsd().compareTo(money.atLeastUsd()) == 0;
    add(row, money.costUsd());
    add(row, isCertain ? null : money.atLeastUsd());
    add(row, money.estimatedTokens());
    add(row, money.boundTokens());
    add(row, money.estimatedUsd());
  }

  private void write(long number, CallTexts texts) throws SQLException {
    DuckDBAppender row = begin("call_texts").append(number);
    row.append(texts.source())
        .append(texts.file())
        .append(texts.account())
        .append(texts.region())
        .append(texts.inferenceRegion())
        .append(texts.principal());
    Model model = texts.model();
    row.append(model.operation())
        .append(model.requested())
        .append(model.modelId())
        .append(model.base())
        .append(model.geography())
        .append(model.profile())
        .append(model.answeredBy())
        .append(model.tier());
    CallTexts.End end = texts.end();
    row.append(end.outcome()).append(end.error());
    add(row, end.statusCode());
    row.append(end.sent()).append(end.charge());
    add(row, end.attempts());
    row.append(texts.usageSource())
        .append(texts.unpricedReason())
        .append(texts.priceBook())
        .append(texts.anomalies())
        .endRow();
  }

  private void write(long number, ChargeTexts texts) throws SQLException {
    DuckDBAppender row = begin("charge_texts").append(number);
    row.append(texts.meter()).append(texts.source());
    add(row, texts.rateUsd());
    add(row, texts.ratePer());
    row.append(texts.rateBasis()).append(texts.rateSource()).endRow();
  }

  private void write(long number, Map<String, String> tags) throws SQLException {
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      begin("tag_texts").append(number).append(tag.getKey()).append(tag.getValue()).endRow();
    }
  }

  /**
   * Adds a count of a journal's call, which {@code journal/charges.sql} joins to its call.
   *
   * @throws ArithmeticException if an amount has more than 18 decimals, or is too large
   */
  public void add(String callId, Charge charge) {
    Amounts.check(callId, charge);
    try {
      long texts = numberOf(charge);
      add(begin("journal_charges").append(callId), texts, charge);
    } catch (SQLException failure) {
      throw refused(failure);
    }
  }

  /** Adds a tag of a journal's call, which {@code journal/tags.sql} joins to its call. */
  public void add(String callId, String name, String value) {
    try {
      long texts = tagTexts.numberOf(Map.of(name, value), this::write);
      begin("journal_tags").append(callId).append(texts).endRow();
    } catch (SQLException failure) {
      throw refused(failure);
    }
  }

  private long numberOf(Charge charge) throws SQLException {
    return chargeTexts.numberOf(ChargeTexts.of(charge), this::write);
  }

  private static void add(DuckDBAppender row, long texts, Charge charge) throws SQLException {
    row.append(texts).append(charge.units());
    add(row, charge.usd());
    row.endRow();
  }

  /**
   * Adds what a budget reported.
   *
   * @throws ArithmeticException if an amount has more than 18 decimals: nothing of it is written
   */
  public void add(BudgetFacts facts) {
    Amounts.check(facts);
    try {
      DuckDBAppender row = begin("budget_events");
      row.append(facts.event().eventId()).append(facts.event().kind());
      add(row, facts.event().time());
      row.append(facts.event().callId())
          .append(facts.event().modelId())
          .append(facts.subject().budget())
          .append(facts.subject().scope())
          .append(facts.subject().unit());
      BudgetFacts.Amounts amounts = facts.amounts();
      add(row, amounts.requested());
      add(row, amounts.available());
      add(row, amounts.settled());
      add(row, amounts.limit());
      add(row, amounts.share());
      add(row, amounts.change());
      BudgetFacts.Words words = facts.words();
      row.append(words.detail())
          .append(words.reason())
          .append(words.actor())
          .append(words.denialKind());
      add(row, facts.subject().windowStart());
      add(row, facts.subject().windowEnd());
      row.endRow();
    } catch (SQLException failure) {
      throw refused(failure);
    }
  }

  /** Adds what is no call. */
  public void add(Skipped skipped) {
    try {
      DuckDBAppender row = begin("skipped");
      row.append(skipped.file());
      add(row, skipped.line());
      row.append(skipped.reason().words()).append(skipped.requestId()).endRow();
    } catch (SQLException failure) {
      throw refused(failure);
    }
  }

  private DuckDBAppender begin(String table) throws SQLException {
    DuckDBAppender appender = appenders.get(table);
    if (appender == null) {
      appender = connection.createAppender("main", table);
      appenders.put(table, appender);
    }
    return appender.beginRow();
  }

  private static void add(DuckDBAppender row, @Nullable Long value) throws SQLException {
    if (value == null) {
      row.appendNull();
    } else {
      row.append(value.longValue());
    }
  }

  private static void add(DuckDBAppender row, @Nullable Integer value) throws SQLException {
    if (value == null) {
      row.appendNull();
    } else {
      row.append(value.intValue());
    }
  }

  private static void add(DuckDBAppender row, @Nullable Instant value) throws SQLException {
    if (value == null) {
      row.appendNull();
    } else {
      row.appendEpochMicros(Amounts.micros(value));
    }
  }

  private static void add(DuckDBAppender row, @Nullable BigDecimal value) throws SQLException {
    if (value == null) {
      row.appendNull();
    } else {
      row.append(Amounts.exact(value));
    }
  }

  private static IllegalStateException refused(SQLException failure) {
    return new IllegalStateException("the engine refuses a row: " + failure.getMessage(), failure);
  }

  /** Makes all rows visible. */
  @Override
  public void close() {
    atClose.accept(call);
    SQLException first = null;
    for (DuckDBAppender appender : appenders.values()) {
      try {
        appender.close();
      } catch (SQLException failure) {
        first = first == null ? failure : first;
      }
    }
    appenders.clear();
    try {
      own.close();
    } catch (Exception failure) {
      throw new IllegalStateException("a connection does not close", failure);
    }
    if (first != null) {
      throw refused(first);
    }
  }
}
