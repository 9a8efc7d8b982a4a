// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.jdbc.internal.Dialect;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The rows of what calls have set aside. Whoever changes one has locked its account's row.
 * Immutable and thread-safe.
 */
final class HoldRows {
  private final LedgerSql sql;
  private final Dialect dialect;
  private final long abandonAfterMillis;
  private final String insert;

  HoldRows(LedgerSql sql, Dialect dialect, Duration abandonAfter) {
    this.sql = sql;
    this.dialect = dialect;
    this.abandonAfterMillis = abandonAfter.toMillis();
    // Not VALUES: a driver that rewrites batches of these does not report what each one inserted.
    this.insert =
        sql.of(
            "INSERT INTO {hold} (account_id, call_id, amount, since)"
                + " SELECT ?, ?, ?, CURRENT_TIMESTAMP WHERE NOT EXISTS"
                + " (SELECT 1 FROM {hold} WHERE account_id = ? AND call_id = ?)");
  }

  /** The name of a hold. */
  record Key(UUID account, String call) {
    static Key of(Hold hold) {
      return new Key(LedgerSql.idOf(hold.account()), hold.id());
    }

    /** The name of the record that it was settled. */
    UUID settlement() {
      return LedgerSql.settlementId(account, call);
    }
  }

  /** Which of some holds exist. */
  Set<Key> existing(Connection connection, List<Hold> holds) throws SQLException {
    Set<Key> existing = new HashSet<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            sql.of("SELECT account_id, call_id FROM {hold} WHERE " + named(holds)))) {
      setNames(select, holds);
      try (ResultSet found = select.executeQuery()) {
        while (found.next()) {
          existing.add(new Key(found.getObject(1, UUID.class), found.getString(2)));
        }
      }
    }
    return existing;
  }

  private static String named(List<Hold> holds) {
    return holds.stream()
        .map(hold -> "(?, ?)")
        .collect(Collectors.joining(", ", "(account_id, call_id) IN (", ")"));
  }

  private static void setNames(PreparedStatement statement, List<Hold> holds) throws SQLException {
    int next = 1;
    for (Hold hold : holds) {
      statement.setObject(next++, LedgerSql.idOf(hold.account()));
      statement.setString(next++, hold.id());
    }
  }

  /** Inserts the holds that do not exist yet; returns these. */
  List<Hold> insert(Connection connection, List<Hold> holds) throws SQLException {
    List<Hold> taken = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      for (Hold hold : holds) {
        UUID account = LedgerSql.idOf(hold.account());
        statement.setObject(1, account);
        statement.setString(2, hold.id());
        statement.setLong(3, hold.amount());
        statement.setObject(4, account);
        statement.setString(5, hold.id());
        statement.addBatch();
      }
      int[] inserted = statement.executeBatch();
      for (int i = 0; i < inserted.length; i++) {
        if (inserted[i] == 1) {
          taken.add(holds.get(i));
        }
      }
    }
    return taken;
  }

  /** Deletes holds; returns what each of those that existed had set aside. */
  Map<Key, Long> delete(Connection connection, List<Hold> holds) throws SQLException {
    Map<Key, Long> ended = new HashMap<>();
    try (PreparedStatement delete =
        connection.prepareStatement(
            dialect.deleteReturning(sql.holds(), "account_id, call_id, amount", named(holds)))) {
      setNames(delete, holds);
      try (ResultSet deleted = delete.executeQuery()) {
        while (deleted.next()) {
          ended.put(
              new Key(deleted.getObject(1, UUID.class), deleted.getString(2)), deleted.getLong(3));
        }
      }
    }
    return ended;
  }

  /** The holds of an account, the oldest first. */
  List<OpenHold> open(Connection connection, Account account) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            sql.of(
                "SELECT h.call_id, h.amount, h.since, "
                    + LedgerSql.ABANDONED
                    + " FROM {hold} h WHERE h.account_id = ? ORDER BY h.since, h.call_id"))) {
      select.setLong(1, abandonAfterMillis);
      select.setObject(2, LedgerSql.idOf(account));
      List<OpenHold> open = new ArrayList<>();
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          open.add(
              new OpenHold(
                  row.getString(1),
                  account,
                  row.getLong(2),
                  row.getObject(3, OffsetDateTime.class).toInstant(),
                  row.getBoolean(4)));
        }
      }
      return open;
    }
  }

  /** Deletes the holds of accounts that were deleted. */
  int deleteOrphans(Connection connection) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            sql.of(
                "DELETE FROM {hold} WHERE NOT EXISTS"
                    + " (SELECT 1 FROM {account} a WHERE a.account_id = {hold}.account_id)"))) {
      return delete.executeUpdate();
    }
  }

  /** Sets what a hold sets aside to zero; its row stays, so that its call can still be settled. */
  void release(Connection connection, OpenHold hold) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            sql.of("UPDATE {hold} SET amount = 0 WHERE account_id = ? AND call_id = ?"))) {
      update.setObject(1, LedgerSql.idOf(hold.account()));
      update.setString(2, hold.id());
      update.executeUpdate();
    }
  }
}
