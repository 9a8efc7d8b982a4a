// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Shortfall;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Holds and settlements of one or several calls, each as one statement of PostgreSQL that commits
 * by itself: one round trip. Immutable and thread-safe.
 */
final class OneStatement {
  /*
   * A statement sees the rows as they were when it began. Where it locks or updates a row that
   * another transaction has changed since, PostgreSQL waits for that transaction and goes on with the
   * row as it is then; so what "locked" returns is the truth, and stays it until the commit. Everything
   * else is decided by that: the verdict on all holds together, and then all changes or none.
   *
   * The later parts of a statement are joined with the earlier ones, never sub-selects of them: where
   * PostgreSQL looks at a row again after a wait, it keeps what was joined and runs sub-selects anew.
   *
   * The holds themselves are not read first. One that exists already violates the primary key, which
   * undoes the statement; so does an account that another process creates at the same moment. Those
   * cases, a settlement whose hold is not there, and an account whose idle time has passed are left to
   * the transactions of LedgerTables.
   */
  private static final String LOCK =
      " WHERE (SELECT set_config('lock_timeout', ?, TRUE)) IS NOT NULL"
          + " AND a.account_id = ANY (CAST(? AS UUID[]))"
          + LedgerSql.lockOrder("a.")
          + " FOR UPDATE)";

  private static final String HOLD =
      "WITH request AS (SELECT * FROM unnest(CAST(? AS UUID[]), CAST(? AS TEXT[]),"
          + " CAST(? AS BIGINT[])) AS r (account_id, call_id, amount)),"
          + " asked AS (SELECT * FROM unnest(CAST(? AS UUID[]), CAST(? AS BIGINT[]),"
          + " CAST(? AS BIGINT[]), CAST(? AS TEXT[]), CAST(? AS TEXT[]), CAST(? AS TEXT[]),"
          + " CAST(? AS TIMESTAMPTZ[]), CAST(? AS TIMESTAMPTZ[]), CAST(? AS BIGINT[]),"
          + " CAST(? AS TIMESTAMPTZ[])) AS k (account_id, amount, most, budget, unit, scope,"
          + " window_start, window_end, idle_ms, expires_at)),"
          + " locked AS (SELECT a.account_id, a.settled, a.held,"
          + " a.idle_ms IS NOT NULL AND a.expires_at <= CURRENT_TIMESTAMP AS is_idle"
          + " FROM {account} a"
          + LOCK
          + ", verdict AS (SELECT bool_and(NOT COALESCE(l.is_idle, FALSE)"
          + " AND CAST(COALESCE(l.settled, 0) AS NUMERIC) + COALESCE(l.held, 0) + k.amount"
          + " <= k.most) AND clock_timestamp() < statement_timestamp()"
          + " + CAST(? AS BIGINT) * INTERVAL '0.001' SECOND AS fits FROM asked k LEFT JOIN locked l ON l.account_id = k.account_id),"
          + " taken AS (UPDATE {account} a SET held = a.held + k.amount, expires_at = "
          + LedgerSql.expiry("a.")
          + " FROM asked k, verdict v WHERE v.fits AND a.account_id = k.account_id),"
          + " created AS (INSERT INTO {account} (account_id, budget, unit, scope, window_start,"
          + " window_end, idle_ms, settled, held, expires_at)"
          + " SELECT k.account_id, k.budget, k.unit, k.scope, k.window_start, k.window_end,"
          + " k.idle_ms, 0, k.amount, "
          + LedgerSql.expiry("k.")
          + " FROM asked k CROSS JOIN verdict v LEFT JOIN locked l ON l.account_id = k.account_id"
          + " WHERE v.fits AND l.account_id IS NULL"
          + LedgerSql.lockOrder("k.")
          + "), forgotten AS (DELETE FROM {settled} s USING verdict v"
          + " WHERE v.fits AND s.hold_id = ANY (CAST(? AS UUID[]))),"
          + " kept AS (INSERT INTO {hold} (account_id, call_id, amount, since)"
          + " SELECT r.account_id, r.call_id, r.amount, CURRENT_TIMESTAMP"
          + " FROM request r, verdict v WHERE v.fits)"
          + " SELECT v.fits, l.account_id, l.settled, l.held, l.is_idle"
          + " FROM verdict v LEFT JOIN locked l ON TRUE";

  private static final String SETTLE =
      "WITH request AS (SELECT * FROM unnest(CAST(? AS UUID[]), CAST(? AS TEXT[]),"
          + " CAST(? AS BIGINT[]), CAST(? AS UUID[])) AS r (account_id, call_id, actual, hold_id)),"
          + " locked AS (SELECT a.account_id FROM {account} a"
          + LOCK
          + ", ended AS (DELETE FROM {hold} h USING request r, locked l"
          + " WHERE l.account_id = r.account_id"
          + " AND h.account_id = r.account_id AND h.call_id = r.call_id"
          + " RETURNING h.account_id, h.call_id, h.amount, r.actual, r.hold_id),"
          + " sums AS (SELECT account_id, SUM(actual) AS actual, SUM(amount) AS amount"
          + " FROM ended GROUP BY account_id),"
          + " charged AS (UPDATE {account} a SET settled = a.settled + s.actual,"
          + " held = a.held - s.amount, expires_at = "
          + LedgerSql.expiry("a.")
          + " FROM sums s WHERE a.account_id = s.account_id RETURNING a.account_id, a.settled),"
          + " proved AS (INSERT INTO {settled} (hold_id, settled_at)"
          + " SELECT hold_id, CURRENT_TIMESTAMP FROM ended ON CONFLICT (hold_id) DO NOTHING)"
          + " SELECT e.account_id, e.call_id, c.settled FROM ended e"
          + " JOIN charged c ON c.account_id = e.account_id";

  private final AccountRows accounts;
  private final String hold;
  private final String settle;
  private final String lockTimeout;
  private final Duration givesUpAfter;

  /**
   * The statements of one ledger.
   *
   * @param lockWithin how long a statement waits for a row that another transaction has locked
   */
  OneStatement(LedgerSql sql, AccountRows accounts, Duration lockWithin) {
    this.accounts = accounts;
    this.hold = sql.of(HOLD);
    this.settle = sql.of(SETTLE);
    this.givesUpAfter = lockWithin.multipliedBy(2);
    this.lockTimeout = Long.toString(Math.max(1, lockWithin.toMillis()));
  }

  /** The holds of one call that end, and what each of them is charged instead. */
  record Settlement(List<Hold> holds, List<Long> actuals) {}

  /** How long a statement goes on, whether or not its connection does; then it takes no hold. */
  Duration givesUpAfter() {
    return givesUpAfter;
  }

  /** What all holds of a statement ask of one account. */
  private static final class Asked {
    private final Account account;
    private long amount;
    private long most = Long.MAX_VALUE;

    Asked(Account account) {
      this.account = account;
    }

    void add(Hold hold) {
      amount = Math.addExact(amount, hold.amount());
      if (hold.enforced()) {
        most = Math.min(most, hold.limit());
      }
    }
  }

  /**
   * The rows that a statement locked, as they were before it.
   *
   * @param fits whether the holds were taken
   * @param used settled and held together, by account; those that did not exist are missing
   * @param idle whether an account's idle time has passed
   */
  private record Verdict(boolean fits, Map<UUID, Long> used, boolean idle) {}

  /**
   * Takes the holds of all calls, or none.
   *
   * @return what each call gets, in their order; null if none was taken, which for a single call
   *     may be a refusal
   */
  @Nullable List<HoldResult> hold(Connection connection, List<List<Hold>> calls)
      throws SQLException {
    Map<UUID, Asked> asked = new HashMap<>();
    List<Hold> all = new ArrayList<>();
    List<UUID> ids = new ArrayList<>();
    try {
      for (List<Hold> call : calls) {
        for (Hold each : call) {
          UUID id = LedgerSql.idOf(each.account());
          asked.computeIfAbsent(id, unused -> new Asked(each.account())).add(each);
          all.add(each);
          ids.add(id);
        }
      }
    } catch (ArithmeticException tooMuch) {
      return null;
    }
    Verdict verdict = ask(connection, all, ids, asked);
    List<HoldResult> results = new ArrayList<>(calls.size());
    Map<UUID, Long> used = verdict.used();
    int next = 0;
    for (List<Hold> call : calls) {
      List<Shortfall> refused = new ArrayList<>();
      List<Shortfall> overruns = new ArrayList<>();
      for (Hold each : call) {
        UUID id = ids.get(next++);
        long before = used.getOrDefault(id, 0L);
        long available = Math.subtractExact(each.limit(), before);
        if (each.amount() > available) {
          (each.enforced() ? refused : overruns).add(new Shortfall(each, available));
        }
        if (verdict.fits()) {
          used.put(id, before + each.amount());
        }
      }
      results.add(HoldAnswers.of(refused, overruns));
    }
    return verdict.fits() || (calls.size() == 1 && isRefusal(connection, verdict, results, all))
        ? results
        : null;
  }

  private Verdict ask(Connection connection, List<Hold> all, List<UUID> ids, Map<UUID, Asked> asked)
      throws SQLException {
    List<UUID> accountIds = List.copyOf(asked.keySet());
    List<Asked> each = accountIds.stream().map(asked::get).toList();
    try (PreparedStatement statement = connection.prepareStatement(hold)) {
      Arguments arguments = new Arguments(connection, statement);
      arguments.add("uuid", ids);
      arguments.add("text", all.stream().map(Hold::id).toList());
      arguments.add("int8", all.stream().map(Hold::amount).toList());
      arguments.add("uuid", accountIds);
      arguments.add("int8", each.stream().map(one -> one.amount).toList());
      arguments.add("int8", each.stream().map(one -> one.most).toList());
      accounts.addDetails(arguments, each.stream().map(one -> one.account).toList());
      arguments.add(lockTimeout);
      arguments.add("uuid", accountIds);
      arguments.add(givesUpAfter.toMillis());
      arguments.add("uuid", settlementIds(ids, all));
      Map<UUID, Long> used = new HashMap<>();
      boolean fits = false;
      boolean idle = false;
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          fits = row.getBoolean(1);
          UUID id = row.getObject(2, UUID.class);
          if (id != null) {
            used.put(id, row.getLong(3) + row.getLong(4));
            idle |= row.getBoolean(5);
          }
        }
      }
      return new Verdict(fits, used, idle);
    }
  }

  private static List<UUID> settlementIds(List<UUID> accountIds, List<Hold> holds) {
    List<UUID> ids = new ArrayList<>(holds.size());
    for (int i = 0; i < holds.size(); i++) {
      ids.add(LedgerSql.settlementId(accountIds.get(i), holds.get(i).id()));
    }
    return ids;
  }

  /** Not if a hold exists: then it was taken before, and its answer was lost. */
  private boolean isRefusal(
      Connection connection, Verdict verdict, List<HoldResult> results, List<Hold> holds)
      throws SQLException {
    return results.get(0) instanceof HoldResult.Refused
        && !verdict.idle()
        && accounts.holds().existing(connection, holds).isEmpty();
  }

  /**
   * Ends the holds of several calls.
   *
   * @param settlements no hold twice
   * @return the steps of each settlement, in their order; a step is null, and nothing was done
   *     about its hold, if that was not there
   */
  List<List<@Nullable Settled>> settle(Connection connection, List<Settlement> settlements)
      throws SQLException {
    Set<HoldRows.Key> once = new HashSet<>();
    List<Ending> endings = new ArrayList<>();
    for (Settlement each : settlements) {
      for (int i = 0; i < each.actuals().size(); i++) {
        HoldRows.Key key = HoldRows.Key.of(each.holds().get(i));
        endings.add(new Ending(key, each.actuals().get(i), once.add(key)));
      }
    }
    List<Ending> sent = endings.stream().filter(Ending::isFirst).toList();
    Set<HoldRows.Key> ended = new HashSet<>();
    Map<UUID, Long> settled = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(settle)) {
      Arguments arguments = new Arguments(connection, statement);
      arguments.add("uuid", sent.stream().map(each -> each.key().account()).toList());
      arguments.add("text", sent.stream().map(each -> each.key().call()).toList());
      arguments.add("int8", sent.stream().map(Ending::actual).toList());
      arguments.add("uuid", sent.stream().map(each -> each.key().settlement()).toList());
      arguments.add(lockTimeout);
      arguments.add("uuid", sent.stream().map(each -> each.key().account()).distinct().toList());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          UUID account = row.getObject(1, UUID.class);
          ended.add(new HoldRows.Key(account, row.getString(2)));
          settled.put(account, row.getLong(3));
        }
      }
    }
    return steps(settlements, endings, ended, settled);
  }

  /** The end of one hold; not the first if the same hold ends earlier in the statement. */
  private record Ending(HoldRows.Key key, long actual, boolean isFirst) {}

  /** Divides the step of each account among the holds that ended, from the last to the first. */
  private static List<List<@Nullable Settled>> steps(
      List<Settlement> settlements,
      List<Ending> endings,
      Set<HoldRows.Key> ended,
      Map<UUID, Long> after) {
    List<List<@Nullable Settled>> steps = new ArrayList<>(settlements.size());
    int next = endings.size();
    for (int s = settlements.size() - 1; s >= 0; s--) {
      List<Hold> holds = settlements.get(s).holds();
      List<@Nullable Settled> own = new ArrayList<>();
      for (int i = holds.size() - 1; i >= 0; i--) {
        Ending ending = endings.get(--next);
        Long end = after.get(ending.key().account());
        if (end == null || !ending.isFirst() || !ended.contains(ending.key())) {
          own.add(0, null);
        } else {
          long begin = end - ending.actual();
          own.add(0, new Settled(holds.get(i).account(), begin, end));
          after.put(ending.key().account(), begin);
        }
      }
      steps.add(0, own);
    }
    return steps;
  }
}
