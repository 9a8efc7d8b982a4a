// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.jdbc.internal.Text;
import io.github.bedrockmeter.jdbc.ledger.AccountRows.Row;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The rows that keep who corrected a balance, and why, written in the transaction of the
 * correction. Immutable and thread-safe.
 */
final class CorrectionRows {
  private final String insert;

  CorrectionRows(LedgerSql sql) {
    this.insert =
        sql.of(
            "INSERT INTO {correction} (correction_id, corrected_at, what, made_by, reason,"
                + " account_id, budget, unit, scope, window_start, window_end, call_id,"
                + " settled_before, settled_after, held_before, held_after)"
                + " VALUES (?, CURRENT_TIMESTAMP, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  }

  /** What was corrected. */
  enum What {
    ADJUST,
    RELEASE
  }

  /**
   * Keeps one correction.
   *
   * @param by who made it and why; null if that is not known
   * @param call the call whose hold was released; null if none was
   * @param row the account's row afterwards
   */
  void insert(
      Connection connection,
      What what,
      @Nullable Correction by,
      Account account,
      @Nullable String call,
      long settledBefore,
      long heldBefore,
      Row row)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      statement.setObject(1, UUID.randomUUID());
      statement.setString(2, what.name());
      statement.setString(3, by == null ? null : Text.storable(by.by()));
      statement.setString(4, by == null ? null : Text.storable(by.reason()));
      statement.setObject(5, row.id());
      statement.setString(6, Text.storable(account.budget()));
      statement.setString(7, account.unit().name());
      statement.setString(8, Text.storable(account.scope()));
      statement.setObject(9, LedgerSql.timestamp(account.start()));
      statement.setObject(10, AccountRows.end(account));
      statement.setString(11, call);
      statement.setLong(12, settledBefore);
      statement.setLong(13, row.settled());
      statement.setLong(14, heldBefore);
      statement.setLong(15, row.held());
      statement.executeUpdate();
    }
  }
}
