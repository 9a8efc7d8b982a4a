// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reprice;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.report.sheet.Sheet;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Gives the calls of a usage journal that had no price one, by the price book of today and each
 * call's own day. What was stored is kept: each call gets a row of kind {@code REPRICED} among the
 * journal's events, with the old state and the new one, who did it, when and why. A call that has a
 * price is never touched, nor is a ledger. The journal's tables stay as they are, so that meters of
 * this and of earlier versions go on writing.
 *
 * <p>Immutable and thread-safe; may run while meters write.
 */
public final class JournalRepricing {
  private static final int PAGE = 500;

  private final DataSource database;
  private final RepricedTables tables;
  private final PriceBook prices;

  private JournalRepricing(DataSource database, RepricedTables tables, PriceBook prices) {
    this.database = database;
    this.tables = tables;
    this.prices = prices;
  }

  /**
   * A repricing of a journal.
   *
   * @param prefix what its tables' names begin with, as {@code bedrock_meter_}
   * @throws IllegalArgumentException if no table's name can begin with it
   */
  public static JournalRepricing of(DataSource database, String prefix, PriceBook prices) {
    return new JournalRepricing(database, new RepricedTables(prefix), prices);
  }

  /**
   * What was done, or would be.
   *
   * @param priced calls by model, with what they cost
   * @param left calls without a price still, by model and reason
   */
  public record Result(Sheet priced, Sheet left) {}

  /** What would be done; nothing is written. */
  public Result preview(@Nullable Instant from, @Nullable Instant to) throws SQLException {
    return run(from, to, null);
  }

  /**
   * Does it. Calls are written in batches, each with its rows of kind {@code REPRICED} in one
   * transaction: what an interruption leaves is whole.
   *
   * @param from first instant of the calls; null for all
   * @param to first instant that no longer counts; null for all
   * @throws SQLException if the database is unavailable, or the tables are of version 1
   */
  public Result apply(@Nullable Instant from, @Nullable Instant to, Author author)
      throws SQLException {
    return run(from, to, author);
  }

  private Result run(@Nullable Instant from, @Nullable Instant to, @Nullable Author author)
      throws SQLException {
    Totals priced = new Totals();
    Totals left = new Totals();
    try (Connection connection = database.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(false);
      try {
        tables.requireVersion(connection);
        String last = "";
        List<UnpricedCall> page = tables.page(connection, last, from, to, PAGE);
        while (!page.isEmpty()) {
          for (UnpricedCall call : page) {
            last = call.callId();
            one(connection, call, author, priced, left);
          }
          connection.commit();
          if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("interrupted while repricing");
          }
          page = tables.page(connection, last, from, to, PAGE);
        }
      } finally {
        connection.rollback();
        connection.setAutoCommit(autoCommit);
      }
    }
    return new Result(priced.sheet("priced"), left.sheet("left"));
  }

  private void one(
      Connection connection, UnpricedCall call, @Nullable Author author, Totals priced, Totals left)
      throws SQLException {
    Cost cost = call.costBy(prices);
    if (cost instanceof Cost.Known known) {
      if (author == null || tables.write(connection, call, known, author)) {
        priced.add(call.modelId(), known.book(), known.amountUsd());
      }
    } else {
      left.add(call.modelId(), ((Cost.Unknown) cost).reason(), BigDecimal.ZERO);
    }
  }

  /** Calls and dollars by model and a word about them. Confined to one thread. */
  private static final class Totals {
    private record Total(long calls, BigDecimal usd) {}

    private final Map<String, Map<String, Total>> totals = new TreeMap<>();

    void add(String model, String word, BigDecimal usd) {
      totals
          .computeIfAbsent(model, none -> new TreeMap<>())
          .merge(
              word,
              new Total(1, usd),
              (one, other) -> new Total(one.calls() + other.calls(), one.usd().add(other.usd())));
    }

    Sheet sheet(String name) {
      boolean isPriced = name.equals("priced");
      List<List<@Nullable Object>> rows = new ArrayList<>();
      totals.forEach(
          (model, words) ->
              words.forEach(
                  (word, total) -> {
                    List<@Nullable Object> row = new ArrayList<>();
                    Collections.addAll(row, model, word, total.calls());
                    if (isPriced) {
                      row.add(total.usd());
                    }
                    rows.add(Collections.unmodifiableList(row));
                  }));
      return new Sheet(
          name,
          isPriced
              ? List.of("model_id", "price_book", "calls", "usd")
              : List.of("model_id", "reason", "calls"),
          Collections.unmodifiableList(rows));
    }
  }
}
