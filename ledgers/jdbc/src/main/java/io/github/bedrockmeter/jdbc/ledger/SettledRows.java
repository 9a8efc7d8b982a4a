// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.jdbc.internal.Dialect;
import io.github.bedrockmeter.ledger.LedgerSupport;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The records that holds were settled, kept for a while. Whoever changes one has locked its
 * account's row. Immutable and thread-safe.
 */
final class SettledRows {
  /** So few that a call does not wait long where transactions take turns. */
  static final int DELETED_TOGETHER = 1_000;

  private final LedgerSql sql;
  private final String insert;
  private final String deleteOld;

  SettledRows(LedgerSql sql) {
    this.sql = sql;
    this.insert =
        sql.of(
            "INSERT INTO {settled} (hold_id, settled_at)"
                + " SELECT CAST(? AS UUID), CURRENT_TIMESTAMP WHERE NOT EXISTS"
                + " (SELECT 1 FROM {settled} WHERE hold_id = ?)");
    this.deleteOld =
        sql.of(
            "DELETE FROM {settled} WHERE hold_id IN (SELECT s.hold_id FROM {settled} s"
                + " WHERE s.settled_at < CURRENT_TIMESTAMP - "
                + LedgerSupport.PROOF_TIME.toSeconds()
                + " * INTERVAL '1' SECOND FETCH FIRST "
                + DELETED_TOGETHER
                + " ROWS ONLY FOR UPDATE SKIP LOCKED)");
  }

  /** Which of some holds have been settled. */
  Set<HoldRows.Key> existing(Connection connection, Collection<HoldRows.Key> keys)
      throws SQLException {
    if (keys.isEmpty()) {
      return Set.of();
    }
    try (PreparedStatement select =
        connection.prepareStatement(
            sql.of("SELECT hold_id FROM {settled} WHERE ") + isOneOf(keys))) {
      LedgerSql.setIds(select, 1, ids(keys));
      Set<UUID> found = new HashSet<>();
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          found.add(row.getObject(1, UUID.class));
        }
      }
      Set<HoldRows.Key> existing = new HashSet<>(keys);
      existing.removeIf(key -> !found.contains(key.settlement()));
      return existing;
    }
  }

  private static List<UUID> ids(Collection<HoldRows.Key> keys) {
    return keys.stream().map(HoldRows.Key::settlement).toList();
  }

  private static String isOneOf(Collection<HoldRows.Key> keys) {
    return "hold_id IN (" + Dialect.parameters(keys.size()) + ")";
  }

  void insert(Connection connection, Collection<HoldRows.Key> keys) throws SQLException {
    if (keys.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      for (HoldRows.Key key : keys) {
        statement.setObject(1, key.settlement());
        statement.setObject(2, key.settlement());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** Forgets settlements of holds that are taken again, as an amended call's are. */
  void delete(Connection connection, Collection<HoldRows.Key> keys) throws SQLException {
    if (keys.isEmpty()) {
      return;
    }
    try (PreparedStatement delete =
        connection.prepareStatement(sql.of("DELETE FROM {settled} WHERE ") + isOneOf(keys))) {
      LedgerSql.setIds(delete, 1, ids(keys));
      delete.executeUpdate();
    }
  }

  /** Deletes some that are past their time; returns how many. */
  int deleteOld(Connection connection) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(deleteOld)) {
      return delete.executeUpdate();
    }
  }
}
