// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import io.github.bedrockmeter.ledger.Ledger;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;

/**
 * The ledgers of one test, each over a database of its own, closed together. Confined to one
 * thread.
 */
public final class Ledgers {
  private final Map<Ledger, DataSource> databases = new HashMap<>();
  private final List<AutoCloseable> opened = new ArrayList<>();

  /** A pool over an empty PostgreSQL database. */
  public HikariDataSource newPostgres() throws SQLException {
    HikariDataSource pool =
        Databases.pool(Databases.postgresPort(), Databases.newPostgresDatabase(), 8);
    opened.add(0, pool);
    return pool;
  }

  /** A ledger to which the contract's windows never end. */
  public JdbcLedger over(DataSource database) {
    return add(JdbcLedger.builder(database).grace(Databases.LONG_GRACE).build(), database);
  }

  /** A ledger to which a hold is abandoned after 200 milliseconds. */
  public JdbcLedger impatient(DataSource database) {
    return add(
        JdbcLedger.builder(database)
            .grace(Databases.LONG_GRACE)
            .abandonAfter(Duration.ofMillis(200))
            .build(),
        database);
  }

  /** Closes a ledger with the others. */
  public JdbcLedger add(JdbcLedger ledger, DataSource database) {
    databases.put(ledger, database);
    opened.add(0, ledger);
    return ledger;
  }

  /** Another ledger over the same database. */
  public JdbcLedger another(Ledger ledger) {
    return over(Objects.requireNonNull(databases.get(ledger)));
  }

  /** Closes the youngest first: ledgers before their pools. */
  public void close() {
    for (AutoCloseable each : opened) {
      try {
        each.close();
      } catch (Exception failure) {
        throw new AssertionError(failure);
      }
    }
  }
}
