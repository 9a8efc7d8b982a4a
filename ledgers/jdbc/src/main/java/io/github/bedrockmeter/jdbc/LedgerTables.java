// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/** The ledger's statements. Each method is a whole transaction. Immutable and thread-safe. */
final class LedgerTables {
  /*
   * The lock of an account's row guards the account's holds, as the lock of an entry does in the
   * ledger in memory. Each change locks its accounts first, in the order of their ids, so that two
   * calls with the same budgets cannot wait for each other in a circle; every statement after that
   * sees what the last owner of the locks left. Decisions are then plain arithmetic in Java, which
   * fails on overflow, and no table is ever locked.
   *
   * It costs four round trips for a hold and four for a settlement: lock, holds, accounts, commit.
   *
   * An account that does not exist is inserted in the same transaction, so that a refusal leaves
   * nothing behind. Locks are given back before that: who waits for another's insertion holds none.
   */
  private static final int MOST_PARAMETERS = 1_000;

  /** Not past its time; an account with an idle time lives on while something is held. */
  private static final String LIVE =
      "(a.expires_at IS NULL OR a.expires_at > CURRENT_TIMESTAMP"
          + " OR (a.idle_ms IS NOT NULL AND EXISTS"
          + " (SELECT 1 FROM {hold} o WHERE o.account_id = a.account_id)))";

  private static final String ABANDONED =
      "h.since < CURRENT_TIMESTAMP - CAST(? AS BIGINT) * INTERVAL '0.001' SECOND";

  private static final String BALANCE =
      "SELECT a.account_id, a.budget, a.unit, a.scope, a.window_start, a.window_end, a.idle_ms,"
          + " a.settled, a.held,"
          + " (SELECT CAST(COALESCE(SUM(h.amount), 0) AS BIGINT) FROM {hold} h"
          + " WHERE h.account_id = a.account_id AND "
          + ABANDONED
          + ") FROM {account} a WHERE "
          + LIVE;

  private final Schema schema;
  private final long abandonAfterMillis;
  private final Duration grace;
  private final String insertAccount;
  private final String insertHold;
  private final String updateAccount;
  private final String cleanUp;
  private final Dialect dialect;

  LedgerTables(Schema schema, Dialect dialect, Duration abandonAfter, Duration grace) {
    this.schema = schema;
    this.dialect = dialect;
    this.abandonAfterMillis = abandonAfter.toMillis();
    this.grace = grace;
    this.insertAccount =
        dialect.insertIfAbsent(
            schema.table("account"),
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
    // Not VALUES: a driver that rewrites batches of these does not tell what each one inserted.
    this.insertHold =
        sql(
            "INSERT INTO {hold} (account_id, call_id, amount, since)"
                + " SELECT ?, ?, ?, CURRENT_TIMESTAMP WHERE NOT EXISTS"
                + " (SELECT 1 FROM {hold} WHERE account_id = ? AND call_id = ?)");
    this.updateAccount =
        sql(
            "UPDATE {account} SET settled = ?, held = ?, expires_at = CASE WHEN idle_ms IS NULL"
                + " THEN expires_at"
                + " ELSE CURRENT_TIMESTAMP + idle_ms * INTERVAL '0.001' SECOND END"
                + " WHERE account_id = ?");
    this.cleanUp =
        sql(
            "DELETE FROM {account} WHERE account_id IN (SELECT a.account_id FROM {account} a"
                + " WHERE a.expires_at <= CURRENT_TIMESTAMP AND NOT "
                + LIVE
                + " ORDER BY a.account_id FETCH FIRST 1000 ROWS ONLY FOR UPDATE SKIP LOCKED)");
  }

  private String sql(String text) {
    return text.replace("{account}", schema.table("account"))
        .replace("{hold}", schema.table("hold"));
  }

  /** One account's row, locked by the transaction that confines it. */
  private static final class Row {
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

    /** Sets an amount aside; fails before it does if the sum would not be a number. */
    void take(long amount) {
      long more = Math.addExact(held, amount);
      Math.addExact(settled, more);
      held = more;
    }
  }

  /** The name of a hold. */
  private record HoldKey(UUID account, String call) {
    static HoldKey of(Hold hold) {
      return new HoldKey(idOf(hold.account()), hold.id());
    }
  }

  HoldResult hold(Connection connection, List<Hold> holds) throws SQLException {
    List<Account> accounts = holds.stream().map(Hold::account).toList();
    Map<UUID, Row> rows = lock(connection, accounts);
    if (rows.size() < new HashSet<>(accounts).size()) {
      rows = create(connection, accounts, rows.keySet());
    }
    HoldResult result = decide(holds, rows, Set.of());
    if (result != HoldResult.CLEAN) {
      // A hold that was taken before is taken, whatever is left now.
      result = decide(holds, rows, taken(connection, holds));
    }
    if (result instanceof HoldResult.Refused) {
      connection.rollback();
      return result;
    }
    take(connection, holds, rows);
    return result;
  }

  private static HoldResult decide(List<Hold> holds, Map<UUID, Row> rows, Set<HoldKey> taken)
      throws SQLException {
    List<Shortfall> refused = new ArrayList<>();
    List<Shortfall> overruns = new ArrayList<>();
    Map<UUID, Long> asked = new HashMap<>();
    for (Hold hold : holds) {
      HoldKey key = HoldKey.of(hold);
      Row row = row(rows, key.account());
      if (taken.contains(key)) {
        continue;
      }
      long before = Math.addExact(row.held, asked.getOrDefault(row.id, 0L));
      long available = Math.subtractExact(hold.limit(), Math.addExact(row.settled, before));
      asked.merge(row.id, hold.amount(), Math::addExact);
      if (hold.amount() > available) {
        (hold.enforced() ? refused : overruns).add(new Shortfall(hold, available));
      }
    }
    if (!refused.isEmpty()) {
      return new HoldResult.Refused(refused);
    }
    return overruns.isEmpty() ? HoldResult.CLEAN : new HoldResult.Held(overruns);
  }

  private static Row row(Map<UUID, Row> rows, UUID id) throws SQLException {
    Row row = rows.get(id);
    if (row == null) {
      throw new SQLTransientException("account " + id + " was deleted before it could be locked");
    }
    return row;
  }

  private Set<HoldKey> taken(Connection connection, List<Hold> holds) throws SQLException {
    Set<HoldKey> taken = new HashSet<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            sql("SELECT account_id, call_id FROM {hold} WHERE " + named(holds)))) {
      setNames(select, holds);
      try (ResultSet found = select.executeQuery()) {
        while (found.next()) {
          taken.add(new HoldKey(found.getObject(1, UUID.class), found.getString(2)));
        }
      }
    }
    return taken;
  }

  private static String named(List<Hold> holds) {
    return holds.stream()
        .map(hold -> "(?, ?)")
        .collect(Collectors.joining(", ", "(account_id, call_id) IN (", ")"));
  }

  private static void setNames(PreparedStatement statement, List<Hold> holds) throws SQLException {
    int next = 1;
    for (Hold hold : holds) {
      statement.setObject(next++, idOf(hold.account()));
      statement.setString(next++, hold.id());
    }
  }

  private void take(Connection connection, List<Hold> holds, Map<UUID, Row> rows)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(insertHold)) {
      for (Hold hold : holds) {
        UUID account = idOf(hold.account());
        insert.setObject(1, account);
        insert.setString(2, hold.id());
        insert.setLong(3, hold.amount());
        insert.setObject(4, account);
        insert.setString(5, hold.id());
        insert.addBatch();
      }
      int[] inserted = insert.executeBatch();
      Set<Row> changed = new HashSet<>();
      for (int i = 0; i < inserted.length; i++) {
        if (inserted[i] == 1) {
          Row row = row(rows, idOf(holds.get(i).account()));
          row.take(holds.get(i).amount());
          changed.add(row);
        }
      }
      update(connection, changed);
    }
  }

  List<Settled> settle(Connection connection, List<Hold> holds, long[] actuals)
      throws SQLException {
    Map<UUID, Row> rows = lock(connection, holds.stream().map(Hold::account).toList());
    Map<HoldKey, Long> ended = rows.isEmpty() ? new HashMap<>() : end(connection, holds);
    List<Settled> steps = new ArrayList<>(holds.size());
    Set<Row> changed = new HashSet<>();
    for (int i = 0; i < actuals.length; i++) {
      HoldKey key = HoldKey.of(holds.get(i));
      Row row = rows.get(key.account());
      long before = row == null ? 0 : row.settled;
      Long amount = ended.remove(key);
      if (row != null && amount != null) {
        row.settled = Math.addExact(row.settled, actuals[i]);
        row.held -= amount;
        changed.add(row);
      }
      steps.add(new Settled(holds.get(i).account(), before, row == null ? 0 : row.settled));
    }
    update(connection, changed);
    return steps;
  }

  /** Deletes holds; answers what each set aside. */
  private Map<HoldKey, Long> end(Connection connection, List<Hold> holds) throws SQLException {
    Map<HoldKey, Long> ended = new HashMap<>();
    try (PreparedStatement delete =
        connection.prepareStatement(
            dialect.deleteReturning(
                schema.table("hold"), "account_id, call_id, amount", named(holds)))) {
      setNames(delete, holds);
      try (ResultSet deleted = delete.executeQuery()) {
        while (deleted.next()) {
          ended.put(
              new HoldKey(deleted.getObject(1, UUID.class), deleted.getString(2)),
              deleted.getLong(3));
        }
      }
    }
    return ended;
  }

  /** Locks the rows of those accounts that exist, in the order of their ids. */
  private Map<UUID, Row> lock(Connection connection, List<Account> accounts) throws SQLException {
    Map<UUID, Account> byId = byId(accounts);
    Map<UUID, Row> rows = new HashMap<>();
    List<Row> idle = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            sql(
                "SELECT account_id, settled, held, expires_at <= CURRENT_TIMESTAMP"
                    + " FROM {account} WHERE account_id IN ("
                    + Dialect.parameters(byId.size())
                    + ") ORDER BY account_id FOR UPDATE"))) {
      setIds(select, 1, byId.keySet());
      try (ResultSet found = select.executeQuery()) {
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
      forgetUnlessHeld(connection, row);
    }
    return rows;
  }

  /** An account whose idle time has passed begins anew, if nobody has deleted it yet. */
  private void forgetUnlessHeld(Connection connection, Row row) throws SQLException {
    if (openHolds(connection, row.account).isEmpty()) {
      row.settled = 0;
    }
  }

  private static Account account(Map<UUID, Account> byId, UUID id) {
    Account account = byId.get(id);
    if (account == null) {
      throw new IllegalStateException("account " + id + " was not asked for");
    }
    return account;
  }

  private static Map<UUID, Account> byId(Collection<Account> accounts) {
    Map<UUID, Account> byId = new TreeMap<>();
    for (Account account : accounts) {
      byId.put(idOf(account), account);
    }
    return byId;
  }

  private static void setIds(PreparedStatement statement, int first, Collection<UUID> ids)
      throws SQLException {
    int next = first;
    for (UUID id : ids) {
      statement.setObject(next++, id);
    }
  }

  /** Inserts the accounts that are missing and locks all. */
  private Map<UUID, Row> create(Connection connection, List<Account> accounts, Set<UUID> existing)
      throws SQLException {
    connection.rollback();
    insert(connection, accounts, existing);
    return lock(connection, accounts);
  }

  private void insert(Connection connection, List<Account> accounts, Set<UUID> existing)
      throws SQLException {
    Map<UUID, Account> missing = byId(accounts);
    missing.keySet().removeAll(existing);
    try (PreparedStatement insert = connection.prepareStatement(insertAccount)) {
      for (Map.Entry<UUID, Account> entry : missing.entrySet()) {
        Account account = entry.getValue();
        Duration idle = account.idle();
        insert.setObject(1, entry.getKey());
        insert.setString(2, Text.storable(account.budget()));
        insert.setString(3, account.unit().name());
        insert.setString(4, Text.storable(account.scope()));
        insert.setObject(5, timestamp(account.start()));
        insert.setObject(6, account.isForever() ? null : timestamp(account.end()));
        insert.setObject(7, idle == null ? null : idle.toMillis());
        insert.setLong(8, 0);
        insert.setLong(9, 0);
        // One that ends when idle gets its time with each update.
        insert.setObject(
            10, idle != null || account.isForever() ? null : timestamp(account.end().plus(grace)));
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private void update(Connection connection, Collection<Row> changed) throws SQLException {
    if (changed.isEmpty()) {
      return;
    }
    try (PreparedStatement update = connection.prepareStatement(updateAccount)) {
      for (Row row : changed) {
        update.setLong(1, row.settled);
        update.setLong(2, row.held);
        update.setObject(3, row.id);
        update.addBatch();
      }
      update.executeBatch();
    }
  }

  List<Balance> balances(Connection connection, List<Account> accounts) throws SQLException {
    Map<UUID, Balance> found = new HashMap<>();
    List<UUID> ids = accounts.stream().map(LedgerTables::idOf).toList();
    for (int from = 0; from < ids.size(); from += MOST_PARAMETERS) {
      List<UUID> some = ids.subList(from, Math.min(ids.size(), from + MOST_PARAMETERS));
      String where = " AND a.account_id IN (" + Dialect.parameters(some.size()) + ")";
      try (PreparedStatement select = connection.prepareStatement(sql(BALANCE + where))) {
        select.setLong(1, abandonAfterMillis);
        setIds(select, 2, some);
        try (ResultSet row = select.executeQuery()) {
          while (row.next()) {
            found.put(row.getObject(1, UUID.class), balance(row));
          }
        }
      }
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

  List<Balance> find(Connection connection, AccountQuery query) throws SQLException {
    StringBuilder where = new StringBuilder(BALANCE).append(" AND a.settled + a.held > 0");
    String budget = query.budget();
    if (budget != null) {
      where.append(" AND a.budget = ?");
    }
    Instant during = query.during();
    if (during != null) {
      where.append(" AND a.window_start <= ? AND (a.window_end IS NULL OR a.window_end > ?)");
    }
    where.append(" ORDER BY a.settled + a.held DESC FETCH FIRST ? ROWS ONLY");
    try (PreparedStatement select = connection.prepareStatement(sql(where.toString()))) {
      int next = 1;
      select.setLong(next++, abandonAfterMillis);
      if (budget != null) {
        select.setString(next++, Text.storable(budget));
      }
      if (during != null) {
        select.setObject(next++, timestamp(during));
        select.setObject(next++, timestamp(during));
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

  List<OpenHold> openHolds(Connection connection, Account account) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            sql(
                "SELECT h.call_id, h.amount, h.since, "
                    + ABANDONED
                    + " FROM {hold} h WHERE h.account_id = ? ORDER BY h.since, h.call_id"))) {
      select.setLong(1, abandonAfterMillis);
      select.setObject(2, idOf(account));
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

  Balance release(Connection connection, OpenHold hold) throws SQLException {
    for (Row row : lock(connection, List.of(hold.account())).values()) {
      for (OpenHold open : openHolds(connection, hold.account())) {
        if (open.id().equals(hold.id()) && open.amount() > 0) {
          row.held -= open.amount();
          update(connection, List.of(row));
          zero(connection, row.id, hold.id());
        }
      }
    }
    return balances(connection, List.of(hold.account())).get(0);
  }

  private void zero(Connection connection, UUID account, String call) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            sql("UPDATE {hold} SET amount = 0 WHERE account_id = ? AND call_id = ?"))) {
      update.setObject(1, account);
      update.setString(2, call);
      update.executeUpdate();
    }
  }

  Settled adjust(Connection connection, Account account, long delta) throws SQLException {
    List<Account> one = List.of(account);
    Map<UUID, Row> rows = lock(connection, one);
    if (rows.isEmpty()) {
      rows = create(connection, one, Set.of());
    }
    Row row = row(rows, idOf(account));
    long before = row.settled;
    row.settled = Math.max(0, Math.addExact(before, delta));
    update(connection, List.of(row));
    return new Settled(account, before, row.settled);
  }

  /** Deletes up to a thousand accounts that are past their time; answers how many. */
  int cleanUp(Connection connection) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(cleanUp)) {
      return delete.executeUpdate();
    }
  }

  private static OffsetDateTime timestamp(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  /** The same in every process: the first half of a digest of all that names the account. */
  static UUID idOf(Account account) {
    String name =
        account.budget().length()
            + ":"
            + account.budget()
            + account.scope().length()
            + ":"
            + account.scope()
            + account.unit()
            + account.start()
            + account.end()
            + account.idle();
    try {
      ByteBuffer digest =
          ByteBuffer.wrap(
              MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8)));
      return new UUID(digest.getLong(), digest.getLong());
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }
}
