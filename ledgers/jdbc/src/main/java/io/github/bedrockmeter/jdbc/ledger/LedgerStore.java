// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.jdbc.internal.Database;
import io.github.bedrockmeter.jdbc.ledger.OneStatement.Settlement;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger.HoldResult;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds and settlements in the database: by one statement where it has one, else, or where that
 * could not decide, by a transaction. Thread-safe; blocks.
 */
final class LedgerStore {
  /** A row that exists already; a sum that is too large. The transaction finds out which. */
  private static final Set<String> UNDECIDED = Set.of("23505", "22003");

  private final Database database;
  private final LedgerTables tables;
  private final @Nullable OneStatement statements;

  /**
   * The holds of one ledger.
   *
   * @param statements null where the database has none
   */
  LedgerStore(Database database, LedgerTables tables, @Nullable OneStatement statements) {
    this.database = database;
    this.tables = tables;
    this.statements = statements;
  }

  /** Whether several calls can be sent as one statement. */
  boolean canCombine() {
    return statements != null;
  }

  HoldResult hold(HoldRequest request) throws SQLException {
    HoldResult result = takeTogether(List.of(request)).get(0);
    return result != null ? result : request.certain(take(request), patience());
  }

  private HoldResult take(HoldRequest request) throws SQLException {
    try {
      return database.transact(connection -> tables.hold(connection, request.holds()));
    } catch (SQLException failure) {
      request.failed(failure);
      throw failure;
    }
  }

  private Duration patience() {
    return statements == null ? Duration.ZERO : statements.givesUpAfter();
  }

  /** Takes the holds of several calls; null for each if not all could be taken together. */
  List<@Nullable HoldResult> takeTogether(List<HoldRequest> requests) throws SQLException {
    OneStatement quick = statements;
    if (quick == null) {
      return Collections.nCopies(requests.size(), null);
    }
    List<List<Hold>> calls = requests.stream().map(HoldRequest::holds).toList();
    Optional<List<HoldResult>> decided;
    try {
      decided = decided(connection -> Optional.ofNullable(quick.hold(connection, calls)));
    } catch (SQLException failure) {
      requests.forEach(request -> request.failed(failure));
      throw failure;
    }
    if (decided.isEmpty()) {
      return Collections.nCopies(requests.size(), null);
    }
    List<HoldResult> results = decided.get();
    List<@Nullable HoldResult> certain = new ArrayList<>(results.size());
    for (int i = 0; i < results.size(); i++) {
      certain.add(requests.get(i).certain(results.get(i), patience()));
    }
    return certain;
  }

  private <T> Optional<T> decided(Database.Work<Optional<T>> statement) throws SQLException {
    try {
      return database.run(statement);
    } catch (SQLException failure) {
      if (UNDECIDED.contains(String.valueOf(failure.getSQLState()))) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  List<Settled> settle(Settlement settlement) throws SQLException {
    Optional<List<List<@Nullable Settled>>> together = together(List.of(settlement));
    return completed(
        settlement,
        together.isPresent()
            ? together.get().get(0)
            : Collections.nCopies(settlement.actuals().size(), null));
  }

  /** The steps of settlements by one statement; empty where it could not decide. */
  private Optional<List<List<@Nullable Settled>>> together(List<Settlement> settlements)
      throws SQLException {
    OneStatement quick = statements;
    return quick == null
        ? Optional.empty()
        : decided(connection -> Optional.of(quick.settle(connection, settlements)));
  }

  /** Ends the holds of several calls; null for each that is to be settled alone. */
  List<@Nullable List<Settled>> settleTogether(List<Settlement> settlements) throws SQLException {
    Optional<List<List<@Nullable Settled>>> together = together(settlements);
    if (together.isEmpty()) {
      return Collections.nCopies(settlements.size(), null);
    }
    List<List<@Nullable Settled>> steps = together.get();
    List<@Nullable List<Settled>> results = new ArrayList<>(settlements.size());
    for (int i = 0; i < settlements.size(); i++) {
      try {
        results.add(completed(settlements.get(i), steps.get(i)));
      } catch (SQLException failure) {
        results.add(null); // of this one alone: the others are settled
      }
    }
    return results;
  }

  /** Settles what the statement did not find. */
  private List<Settled> completed(Settlement settlement, List<@Nullable Settled> steps)
      throws SQLException {
    List<Hold> open = new ArrayList<>();
    List<Long> actuals = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) == null) {
        open.add(settlement.holds().get(i));
        actuals.add(settlement.actuals().get(i));
      }
    }
    List<Settled> later =
        open.isEmpty()
            ? List.of()
            : database.transact(
                connection ->
                    tables.settle(
                        connection, open, actuals.stream().mapToLong(Long::longValue).toArray()));
    List<Settled> all = new ArrayList<>(steps.size());
    int next = 0;
    for (Settled step : steps) {
      all.add(step != null ? step : later.get(next++));
    }
    return all;
  }
}
