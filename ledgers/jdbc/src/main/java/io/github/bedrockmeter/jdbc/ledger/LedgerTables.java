// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.jdbc.internal.Dialect;
import io.github.bedrockmeter.jdbc.internal.Schema;
import io.github.bedrockmeter.jdbc.ledger.AccountRows.Row;
import io.github.bedrockmeter.jdbc.ledger.CorrectionRows.What;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The ledger's transactions: each method is a whole one. Immutable and thread-safe. */
final class LedgerTables {
  /*
   * The lock of an account's row guards the account's holds, as the lock of an entry does in the
   * ledger in memory. Each change locks its accounts first, in one order, so that two calls with the
   * same budgets cannot wait for each other in a circle; every statement after that
   * sees what the last owner of the locks left. Decisions are then plain arithmetic in Java, which
   * fails on overflow, and no table is ever locked.
   *
   * It costs four round trips for a hold and four for a settlement: lock, holds, accounts, commit.
   *
   * An account that does not exist is inserted in the same transaction, so that a refusal leaves
   * nothing behind. Locks are released before that: a transaction that waits for another's insert
   * holds none.
   */
  private final AccountRows accounts;
  private final HoldRows holds;
  private final SettledRows settlements;
  private final CorrectionRows corrections;
  private final BalanceQueries queries;
  private final @Nullable OneStatement statements;

  LedgerTables(
      Schema schema, Dialect dialect, Duration abandonAfter, Duration grace, Duration lockWithin) {
    LedgerSql sql = new LedgerSql(schema);
    this.holds = new HoldRows(sql, dialect, abandonAfter);
    this.accounts = new AccountRows(sql, dialect, holds, grace, lockWithin);
    this.settlements = new SettledRows(sql);
    this.corrections = new CorrectionRows(sql);
    this.queries = new BalanceQueries(sql, abandonAfter);
    this.statements =
        dialect == Dialect.POSTGRESQL ? new OneStatement(sql, accounts, lockWithin) : null;
  }

  /** The same as one statement each; null where the database has none. */
  @Nullable OneStatement statements() {
    return statements;
  }

  HoldResult hold(Connection connection, List<Hold> requested) throws SQLException {
    List<Account> names = requested.stream().map(Hold::account).toList();
    Map<UUID, Row> rows = accounts.lock(connection, names);
    if (rows.size() < names.size()) {
      accounts.create(connection, names, rows.keySet());
      rows = accounts.lock(connection, names);
    }
    HoldResult result = decide(requested, rows, Set.of());
    if (result != HoldResult.CLEAN) {
      // A hold that was taken before is taken, whatever is left now.
      result = decide(requested, rows, holds.existing(connection, requested));
    }
    if (result instanceof HoldResult.Refused) {
      connection.rollback();
      return result;
    }
    take(connection, requested, rows);
    return result;
  }

  private static HoldResult decide(
      List<Hold> holds, Map<UUID, Row> rows, Set<HoldRows.Key> existing) throws SQLException {
    List<Shortfall> refused = new ArrayList<>();
    List<Shortfall> overruns = new ArrayList<>();
    for (Hold hold : holds) {
      HoldRows.Key key = HoldRows.Key.of(hold);
      Row row = row(rows, key.account());
      if (existing.contains(key)) {
        continue;
      }
      long taken = Math.addExact(row.settled(), row.held());
      long available = Math.subtractExact(hold.limit(), taken);
      if (hold.amount() > available) {
        (hold.enforced() ? refused : overruns).add(new Shortfall(hold, available));
      }
    }
    return HoldAnswers.of(refused, overruns);
  }

  private static Row row(Map<UUID, Row> rows, UUID id) throws SQLException {
    Row row = rows.get(id);
    if (row == null) {
      throw new SQLTransientException("account " + id + " was deleted before it could be locked");
    }
    return row;
  }

  private void take(Connection connection, List<Hold> requested, Map<UUID, Row> rows)
      throws SQLException {
    List<Row> changed = new ArrayList<>();
    List<HoldRows.Key> keys = new ArrayList<>();
    for (Hold taken : holds.insert(connection, requested)) {
      HoldRows.Key key = HoldRows.Key.of(taken);
      Row row = row(rows, key.account());
      row.take(taken.amount());
      changed.add(row);
      keys.add(key);
    }
    settlements.delete(connection, keys);
    accounts.update(connection, changed);
  }

  List<Settled> settle(Connection connection, List<Hold> ended, long[] actuals)
      throws SQLException {
    List<Account> names = ended.stream().map(Hold::account).toList();
    Map<UUID, Row> rows = accounts.lock(connection, names);
    Set<HoldRows.Key> lost = new HashSet<>();
    Map<HoldRows.Key, Long> amounts = end(connection, ended, actuals, rows, lost);
    List<Account> missing = missing(connection, ended, rows, lost);
    if (!missing.isEmpty()) {
      // Locks are released before rows are inserted, as for a hold.
      accounts.create(connection, missing, rows.keySet());
      rows = accounts.lock(connection, names);
      lost.clear();
      amounts = end(connection, ended, actuals, rows, lost);
    }
    List<Settled> steps = new ArrayList<>(ended.size());
    Set<Row> changed = new HashSet<>();
    Set<HoldRows.Key> settled = new HashSet<>(amounts.keySet());
    for (int i = 0; i < actuals.length; i++) {
      HoldRows.Key key = HoldRows.Key.of(ended.get(i));
      Row row = rows.get(key.account());
      long before = row == null ? 0 : row.settled();
      Long amount = amounts.remove(key);
      boolean withoutHold = row != null && lost.remove(key);
      if (row != null && (amount != null || withoutHold)) {
        row.charge(actuals[i]);
        row.release(amount == null ? 0 : amount);
        changed.add(row);
        settled.add(key);
      }
      steps.add(
          new Settled(
              ended.get(i).account(), before, row == null ? 0 : row.settled(), withoutHold));
    }
    settlements.insert(connection, settled);
    accounts.update(connection, changed);
    return steps;
  }

  /**
   * Deletes holds; returns what those that existed had set aside.
   *
   * @param lost to which those are added that are to be charged, do not exist, and have no record
   *     of an earlier settlement
   */
  private Map<HoldRows.Key, Long> end(
      Connection connection,
      List<Hold> ended,
      long[] actuals,
      Map<UUID, Row> rows,
      Set<HoldRows.Key> lost)
      throws SQLException {
    Map<HoldRows.Key, Long> amounts =
        rows.isEmpty() ? new HashMap<>() : holds.delete(connection, ended);
    for (int i = 0; i < actuals.length; i++) {
      HoldRows.Key key = HoldRows.Key.of(ended.get(i));
      if (actuals[i] > 0 && !amounts.containsKey(key)) {
        lost.add(key);
      }
    }
    lost.removeAll(settlements.existing(connection, lost));
    return amounts;
  }

  /** The accounts of lost holds that are lost too, but for those that are past their time. */
  private List<Account> missing(
      Connection connection, List<Hold> ended, Map<UUID, Row> rows, Set<HoldRows.Key> lost)
      throws SQLException {
    List<Account> missing = new ArrayList<>();
    for (Hold hold : ended) {
      HoldRows.Key key = HoldRows.Key.of(hold);
      if (lost.contains(key) && !rows.containsKey(key.account())) {
        missing.add(hold.account());
      }
    }
    if (!missing.isEmpty()) {
      Instant now = queries.now(connection);
      missing.removeIf(account -> accounts.isPastItsTime(account, now));
    }
    return missing;
  }

  List<Balance> balances(Connection connection, List<Account> names) throws SQLException {
    return queries.of(connection, names);
  }

  List<Balance> find(Connection connection, AccountQuery query) throws SQLException {
    return queries.find(connection, query);
  }

  List<OpenHold> openHolds(Connection connection, Account account) throws SQLException {
    return holds.open(connection, account);
  }

  Balance release(Connection connection, OpenHold hold, @Nullable Correction by)
      throws SQLException {
    List<Account> one = List.of(hold.account());
    for (Row row : accounts.lock(connection, one).values()) {
      for (OpenHold open : holds.open(connection, hold.account())) {
        if (open.id().equals(hold.id()) && open.amount() > 0) {
          long held = row.held();
          row.release(open.amount());
          accounts.update(connection, List.of(row));
          holds.release(connection, open);
          corrections.insert(
              connection, What.RELEASE, by, hold.account(), hold.id(), row.settled(), held, row);
        }
      }
    }
    return queries.of(connection, one).get(0);
  }

  Settled adjust(Connection connection, Account account, long delta, @Nullable Correction by)
      throws SQLException {
    List<Account> one = List.of(account);
    Map<UUID, Row> rows = accounts.lock(connection, one);
    if (rows.isEmpty()) {
      accounts.create(connection, one, Set.of());
      rows = accounts.lock(connection, one);
    }
    Row row = row(rows, LedgerSql.idOf(account));
    long before = row.settled();
    row.adjust(delta);
    accounts.update(connection, List.of(row));
    corrections.insert(connection, What.ADJUST, by, account, null, before, row.held(), row);
    return new Settled(account, before, row.settled());
  }

  /** Compares the clocks of this process and of the database. */
  boolean compare(Connection connection, ClockCheck clocks) throws SQLException {
    Instant before = clocks.now();
    clocks.compare(before, queries.now(connection));
    return true;
  }

  /** Makes a hold and a settlement in a transaction, and undoes it: all it needs is loaded then. */
  void warmUp(Connection connection) throws SQLException {
    String id = UUID.randomUUID().toString();
    Account account = new Account("warm-up", Unit.REQUESTS, id, Instant.EPOCH, Instant.MAX);
    List<Hold> holds = List.of(new Hold(id, account, 0, 1, true));
    hold(connection, holds);
    settle(connection, holds, new long[] {0});
    connection.rollback();
  }

  /** Deletes up to a thousand accounts that are past their time; returns how many. */
  int cleanUp(Connection connection) throws SQLException {
    int deleted = accounts.deleteExpired(connection);
    holds.deleteOrphans(connection);
    return deleted;
  }

  /** Deletes up to a thousand records of settlements that are past their time. */
  int forgetSettlements(Connection connection) throws SQLException {
    return settlements.deleteOld(connection);
  }
}
