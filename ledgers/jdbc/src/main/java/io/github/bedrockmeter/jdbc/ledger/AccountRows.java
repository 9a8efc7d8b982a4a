// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.jdbc.internal.Dialect;
import io.github.bedrockmeter.jdbc.internal.Text;
import io.github.bedrockmeter.ledger.Account;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rows of balances, which a transaction locks before it changes anything. Immutable and
 * thread-safe.
 */
final class AccountRows {
  private final LedgerSql sql;
  private final HoldRows holds;
  private final Duration grace;
  private final String lockTimeout;
  private final String insert;
  private final String update;
  private final String deleteExpired;

  /**
   * The rows of one ledger.
   *
   * @param lockWithin how long a transaction waits for a row that another has locked
   */
  AccountRows(LedgerSql sql, Dialect dialect, HoldRows holds, Duration grace, Duration lockWithin) {
    this.sql = sql;
    this.holds = holds;
    this.grace = grace;
    this.lockTimeout = dialect.lockTimeout(lockWithin);
    this.insert =
        dialect.insertIfAbsent(
            sql.accounts(),
            "account_id",
            "account_id",
            "budget",
            "unit",
            "scope",
            "window_start",
            "window_end",
            "idle_ms",
            "settled",
            "held",
            "expires_at");
    this.update =
        sql.of(
            "UPDATE {account} SET settled = ?, held = ?, expires_at = "
                + LedgerSql.expiry("")
                + " WHERE account_id = ?");
    this.deleteExpired =
        sql.of(
            "DELETE FROM {account} WHERE account_id IN (SELECT a.account_id FROM {account} a"
                + " WHERE a.expires_at <= CURRENT_TIMESTAMP AND NOT "
                + LedgerSql.LIVE
                + " ORDER BY a.account_id FETCH FIRST 1000 ROWS ONLY FOR UPDATE SKIP LOCKED)");
  }

  /** One account's row, locked by the transaction. Confined to that transaction's thread. */
  static final class Row {
    private final UUID id;
    private final Account account;
    private long settled;
    private long held;

    Row(UUID id, Account account, long settled, long held) {
      this.id = id;
      this.account = account;
      this.settled = settled;
      this.held = held;
    }

    UUID id() {
      return id;
    }

    long settled() {
      return settled;
    }

    long held() {
      return held;
    }

    /** Sets an amount aside; fails before it does if the sum would not fit into a long. */
    void take(long amount) {
      long more = Math.addExact(held, amount);
      Math.addExact(settled, more);
      held = more;
    }

    /** Releases what was set aside. */
    void release(long amount) {
      held -= amount;
    }

    /** Charges an amount; fails before it does if the sum would not fit into a long. */
    void charge(long amount) {
      settled = Math.addExact(settled, amount);
    }

    /** Corrects what was charged, by hand; never below zero. */
    void adjust(long delta) {
      settled = Math.max(0, Math.addExact(settled, delta));
    }
  }

  /** Locks the rows of those accounts that exist, in the order that all do. */
  Map<UUID, Row> lock(Connection connection, List<Account> accounts) throws SQLException {
    Map<UUID, Account> byId = byId(accounts);
    Map<UUID, Row> rows = new HashMap<>();
    List<Row> idle = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            sql.of(
                lockTimeout
                    + "SELECT account_id, settled, held, expires_at <= CURRENT_TIMESTAMP"
                    + " FROM {account} WHERE account_id IN ("
                    + Dialect.parameters(byId.size())
                    + ")"
                    + LedgerSql.lockOrder("")
                    + " FOR UPDATE"))) {
      LedgerSql.setIds(select, 1, byId.keySet());
      if (!select.execute()) {
        select.getMoreResults(); // the first result was that of the setting
      }
      try (ResultSet found = select.getResultSet()) {
        while (found.next()) {
          UUID id = found.getObject(1, UUID.class);
          Account account = account(byId, id);
          Row row = new Row(id, account, found.getLong(2), found.getLong(3));
          rows.put(id, row);
          if (found.getBoolean(4) && account.idle() != null) {
            idle.add(row);
          }
        }
      }
    }
    for (Row row : idle) {
      resetUnlessHeld(connection, row);
    }
    return rows;
  }

  private static Map<UUID, Account> byId(Collection<Account> accounts) {
    Map<UUID, Account> byId = new TreeMap<>();
    for (Account account : accounts) {
      byId.put(LedgerSql.idOf(account), account);
    }
    return byId;
  }

  private static Account account(Map<UUID, Account> byId, UUID id) {
    Account account = byId.get(id);
    if (account == null) {
      throw new IllegalStateException("account " + id + " was not requested");
    }
    return account;
  }

  /** An account whose idle time has passed starts again from zero, if it is not deleted yet. */
  private void resetUnlessHeld(Connection connection, Row row) throws SQLException {
    if (holds.open(connection, row.account).isEmpty()) {
      row.settled = 0;
    }
  }

  /** Inserts the accounts that do not exist, after what was locked is released. */
  void create(Connection connection, List<Account> accounts, Set<UUID> existing)
      throws SQLException {
    connection.rollback();
    insert(connection, accounts, existing);
  }

  private void insert(Connection connection, List<Account> accounts, Set<UUID> existing)
      throws SQLException {
    Map<UUID, Account> missing = byId(accounts);
    missing.keySet().removeAll(existing);
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      for (Map.Entry<UUID, Account> entry : missing.entrySet()) {
        Account account = entry.getValue();
        statement.setObject(1, entry.getKey());
        statement.setString(2, Text.storable(account.budget()));
        statement.setString(3, account.unit().name());
        statement.setString(4, Text.storable(account.scope()));
        statement.setObject(5, LedgerSql.timestamp(account.start()));
        statement.setObject(6, end(account));
        statement.setObject(7, idleMillis(account));
        statement.setLong(8, 0);
        statement.setLong(9, 0);
        statement.setObject(10, expiresAt(account));
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** Adds what is needed to create accounts, in the order of the columns. */
  void addDetails(Arguments arguments, List<Account> accounts) throws SQLException {
    arguments.add("text", of(accounts, account -> Text.storable(account.budget())));
    arguments.add("text", of(accounts, account -> account.unit().name()));
    arguments.add("text", of(accounts, account -> Text.storable(account.scope())));
    arguments.add("timestamptz", of(accounts, account -> LedgerSql.timestamp(account.start())));
    arguments.add("timestamptz", of(accounts, AccountRows::end));
    arguments.add("int8", of(accounts, AccountRows::idleMillis));
    arguments.add("timestamptz", of(accounts, this::expiresAt));
  }

  private static List<@Nullable Object> of(
      List<Account> accounts, Function<Account, @Nullable Object> detail) {
    List<@Nullable Object> details = new ArrayList<>(accounts.size());
    for (Account account : accounts) {
      details.add(detail.apply(account));
    }
    return details;
  }

  /** When its window ends; null if it never does. */
  static @Nullable OffsetDateTime end(Account account) {
    return account.isForever() ? null : LedgerSql.timestamp(account.end());
  }

  private static @Nullable Long idleMillis(Account account) {
    Duration idle = account.idle();
    return idle == null ? null : idle.toMillis();
  }

  /** Each update of an account with an idle time sets when it expires. */
  private @Nullable OffsetDateTime expiresAt(Account account) {
    return account.idle() != null || account.isForever()
        ? null
        : LedgerSql.timestamp(account.end().plus(grace));
  }

  /** The rows of its holds. */
  HoldRows holds() {
    return holds;
  }

  /** Whether an account was deleted, or will be, since its window ended long ago. */
  boolean isPastItsTime(Account account, Instant now) {
    OffsetDateTime expires = expiresAt(account);
    return expires != null && !expires.toInstant().isAfter(now);
  }

  /** Writes back the rows that were changed. */
  void update(Connection connection, Collection<Row> changed) throws SQLException {
    if (changed.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(update)) {
      for (Row row : changed) {
        statement.setLong(1, row.settled);
        statement.setLong(2, row.held);
        statement.setObject(3, row.id);
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** Deletes up to a thousand accounts that are past their time; returns how many. */
  int deleteExpired(Connection connection) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(deleteExpired)) {
      return delete.executeUpdate();
    }
  }
}
