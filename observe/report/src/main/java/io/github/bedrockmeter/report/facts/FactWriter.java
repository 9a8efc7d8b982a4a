// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import io.github.bedrockmeter.report.facts.CallFacts.Charge;
import io.github.bedrockmeter.report.facts.CallFacts.Counts;
import io.github.bedrockmeter.report.facts.CallFacts.Identity;
import io.github.bedrockmeter.report.facts.CallFacts.Model;
import io.github.bedrockmeter.report.facts.CallFacts.Money;
import io.github.bedrockmeter.report.facts.CallFacts.Origin;
import io.github.bedrockmeter.report.facts.CallFacts.Outcome;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;
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
  private long call;

  /**
   * A writer.
   *
   * @param lastCall the last number that is taken
   * @param atClose is given the last number that was taken here
   * @param own what is closed with it
   */
  FactWriter(DuckDBConnection connection, long lastCall, LongConsumer atClose, AutoCloseable own) {
    this.connection = connection;
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
      addCall(facts);
      for (Charge charge : facts.details().charges()) {
        add(begin("charges").append(call), charge);
      }
      for (Map.Entry<String, String> tag : facts.details().tags().entrySet()) {
        DuckDBAppender row = begin("tags");
        row.append(call).append(tag.getKey()).append(tag.getValue()).endRow();
      }
      return call;
    } catch (SQLException failure) {
      throw refused(failure);
    }
  }

  private void addCall(CallFacts facts) throws SQLException {
    Origin origin = facts.origin();
    Identity identity = facts.identity();
    Model model = facts.model();
    DuckDBAppender row = begin("calls");
    row.append(call).append(origin.source()).append(origin.file());
    add(row, origin.line());
    row.append(identity.requestId()).append(identity.callId());
    add(row, identity.time());
    row.append(identity.account())
        .append(identity.region())
        .append(identity.inferenceRegion())
        .append(identity.principal())
        .append(model.operation())
        .append(model.requested())
        .append(model.modelId())
        .append(model.base())
        .append(model.geography())
        .append(model.profile())
        .append(model.answeredBy())
        .append(model.tier());
    add(row, facts.outcome());
    add(row, facts.counts());
    add(row, facts.money());
    add(row, facts.outcome().attempts());
    row.append(facts.anomalies()).endRow();
  }

  private static void add(DuckDBAppender row, Outcome outcome) throws SQLException {
    row.append(outcome.outcome()).append(outcome.error());
    add(row, outcome.statusCode());
    add(row, outcome.elapsedNanos());
    add(row, outcome.firstChunkNanos());
    row.append(outcome.sent()).append(outcome.charge());
  }

  private static void add(DuckDBAppender row, Counts counts) throws SQLException {
    row.append(counts.source());
    add(row, counts.input());
    add(row, counts.output());
    add(row, counts.cacheRead());
    add(row, counts.cacheWrite());
    add(row, counts.total());
  }

  private static void add(DuckDBAppender row, Money money) throws SQLException {
    add(row, money.costUsd());
    add(row, money.atLeastUsd());
    row.append(money.unpricedReason()).append(money.priceBook());
    add(row, money.estimatedTokens());
    add(row, money.boundTokens());
    add(row, money.estimatedUsd());
  }

  /**
   * Adds a count of a journal's call, which {@code journal/charges.sql} joins to its call.
   *
   * @throws ArithmeticException if an amount has more than 18 decimals, or is too large
   */
  public void add(String callId, Charge charge) {
    Amounts.check(callId, charge);
    try {
      add(begin("journal_charges").append(callId), charge);
    } catch (SQLException failure) {
      throw refused(failure);
    }
  }

  /** Adds a tag of a journal's call, which {@code journal/tags.sql} joins to its call. */
  public void add(String callId, String name, String value) {
    try {
      begin("journal_tags").append(callId).append(name).append(value).endRow();
    } catch (SQLException failure) {
      throw refused(failure);
    }
  }

  private static void add(DuckDBAppender row, Charge charge) throws SQLException {
    row.append(charge.meter()).append(charge.units()).append(charge.source());
    add(row, charge.usd());
    add(row, charge.rateUsd());
    add(row, charge.ratePer());
    row.append(charge.rateBasis()).append(charge.rateSource()).endRow();
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
