// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spark;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.journal.JournalDatabase;
import io.github.bedrockmeter.report.lake.ParquetFacts;
import io.github.bedrockmeter.report.lake.Partition;
import io.github.bedrockmeter.report.logs.LogFolder;
import io.github.bedrockmeter.report.logs.LogLines;
import io.github.bedrockmeter.report.logs.PriceSource;
import io.github.bedrockmeter.report.progress.Progress;
import io.github.bedrockmeter.report.reconcile.GeneratedMonth;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.h2.jdbcx.JdbcDataSource;

/** What the embedded engine makes of the same logs and the same journal. Stateless. */
final class OneMachine {
  private OneMachine() {}

  static FactTables open(Path folder) {
    return FactTables.open(new FactTables.Options(256, 1, folder, List.of(folder)));
  }

  static void readLogs(FactTables tables, Path logs) {
    LogFolder.of(List.of(logs))
        .readInto(tables, LogLines.pricedBy(PriceSource.catalog()), Progress.NONE);
  }

  static void readJournal(FactTables tables, Path journal) throws SQLException {
    JdbcDataSource database = new JdbcDataSource();
    database.setURL(GeneratedMonth.url(journal));
    database.setUser("sa");
    JournalDatabase.of(database).readInto(tables, null, null, Progress.NONE);
  }

  static void write(FactTables tables, Path folder) {
    ParquetFacts.prepare(folder);
    ParquetFacts.write(tables, folder, List.of(Partition.DAY, Partition.ACCOUNT), null, null);
  }

  /** The text of a query over all files of a folder. */
  static String files(Path folder) {
    return "read_parquet(%s, hive_partitioning = false)"
        .formatted(FactTables.text(folder.toAbsolutePath() + "/**/*.parquet"));
  }

  /** Names and types of the columns that files have. */
  static List<String> columns(FactTables tables, Path folder) {
    Rows rows = tables.ask("DESCRIBE SELECT * FROM " + files(folder));
    return rows.rows().stream().map(row -> row.get(0) + " " + row.get(1)).toList();
  }

  /** How many rows are in one and not in the other, as often. */
  static long differing(FactTables tables, String one, String other) {
    Rows rows =
        tables.ask(
            "SELECT count(*) AS rows FROM ((%s EXCEPT ALL %s) UNION ALL (%s EXCEPT ALL %s))"
                .formatted(one, other, other, one));
    return ((Number) rows.rows().get(0).get(0)).longValue();
  }
}
