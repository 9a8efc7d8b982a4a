// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.jdbc.internal.Dialect;
import io.github.bedrockmeter.jdbc.internal.Text;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Unit;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Reads balances without locking anything. Immutable and thread-safe. */
final class BalanceQueries {
  private static final int MAX_PARAMETERS = 1_000;

  private static final String SELECT =
      "SELECT a.account_id, a.budget, a.unit, a.scope, a.window_start, a.window_end, a.idle_ms,"
          + " a.settled, a.held,"
          + " (SELECT CAST(COALESCE(SUM(h.amount), 0) AS BIGINT) FROM {hold} h"
          + " WHERE h.account_id = a.account_id AND "
          + LedgerSql.ABANDONED
          + ") FROM {account} a WHERE "
          + LedgerSql.LIVE;

  private final LedgerSql sql;
  private final long abandonAfterMillis;

  BalanceQueries(LedgerSql sql, Duration abandonAfter) {
    this.sql = sql;
    this.abandonAfterMillis = abandonAfter.toMillis();
  }

  /** The database's clock. */
  Instant now(Connection connection) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement("SELECT CURRENT_TIMESTAMP");
        ResultSet row = select.executeQuery()) {
      row.next();
      return row.getObject(1, OffsetDateTime.class).toInstant();
    }
  }

  /** The balances of accounts, in their order; zero for those that do not exist. */
  List<Balance> of(Connection connection, List<Account> accounts) throws SQLException {
    List<UUID> ids = accounts.stream().map(LedgerSql::idOf).toList();
    Map<UUID, Balance> found = new HashMap<>();
    for (int from = 0; from < ids.size(); from += MAX_PARAMETERS) {
      select(connection, ids.subList(from, Math.min(ids.size(), from + MAX_PARAMETERS)), found);
    }
    List<Balance> balances = new ArrayList<>(ids.size());
    for (int i = 0; i < ids.size(); i++) {
      Account account = accounts.get(i);
      Balance balance = found.get(ids.get(i));
      balances.add(
          balance == null
              ? new Balance(account, 0, 0, 0)
              : new Balance(account, balance.settled(), balance.held(), balance.abandoned()));
    }
    return balances;
  }

  private void select(Connection connection, List<UUID> ids, Map<UUID, Balance> found)
      throws SQLException {
    String where = " AND a.account_id IN (" + Dialect.parameters(ids.size()) + ")";
    try (PreparedStatement select = connection.prepareStatement(sql.of(SELECT + where))) {
      select.setLong(1, abandonAfterMillis);
      LedgerSql.setIds(select, 2, ids);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          found.put(row.getObject(1, UUID.class), balance(row));
        }
      }
    }
  }

  private static Balance balance(ResultSet row) throws SQLException {
    OffsetDateTime end = row.getObject(6, OffsetDateTime.class);
    long idle = row.getLong(7);
    Account account =
        new Account(
            row.getString(2),
            Unit.valueOf(row.getString(3)),
            row.getString(4),
            row.getObject(5, OffsetDateTime.class).toInstant(),
            end == null ? Instant.MAX : end.toInstant(),
            idle == 0 ? null : Duration.ofMillis(idle));
    return new Balance(account, row.getLong(8), row.getLong(9), row.getLong(10));
  }

  /** The balances that match a query, the largest first. */
  List<Balance> find(Connection connection, AccountQuery query) throws SQLException {
    StringBuilder where = new StringBuilder(SELECT).append(" AND a.settled + a.held > 0");
    String budget = query.budget();
    if (budget != null) {
      where.append(" AND a.budget = ?");
    }
    Instant during = query.during();
    if (during != null) {
      where.append(" AND a.window_start <= ? AND (a.window_end IS NULL OR a.window_end > ?)");
    }
    where.append(" ORDER BY a.settled + a.held DESC FETCH FIRST ? ROWS ONLY");
    try (PreparedStatement select = connection.prepareStatement(sql.of(where.toString()))) {
      int next = 1;
      select.setLong(next++, abandonAfterMillis);
      if (budget != null) {
        select.setString(next++, Text.storable(budget));
      }
      if (during != null) {
        select.setObject(next++, LedgerSql.timestamp(during));
        select.setObject(next++, LedgerSql.timestamp(during));
      }
      select.setInt(next, query.atMost());
      List<Balance> found = new ArrayList<>();
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          found.add(balance(row));
        }
      }
      return found;
    }
  }
}
