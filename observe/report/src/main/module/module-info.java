// SPDX-License-Identifier: Apache-2.0
module io.github.bedrockmeter.report {
  exports io.github.bedrockmeter.report.advice;
  exports io.github.bedrockmeter.report.bill;
  exports io.github.bedrockmeter.report.facts;
  exports io.github.bedrockmeter.report.journal;
  exports io.github.bedrockmeter.report.lake;
  exports io.github.bedrockmeter.report.logs;
  exports io.github.bedrockmeter.report.output;
  exports io.github.bedrockmeter.report.progress;
  exports io.github.bedrockmeter.report.reconcile;
  exports io.github.bedrockmeter.report.reprice;
  exports io.github.bedrockmeter.report.sheet;
  exports io.github.bedrockmeter.report.whatif;

  requires transitive io.github.bedrockmeter.core;
  requires transitive java.sql;
  requires transitive io.github.bedrockmeter.pricing;
  requires com.fasterxml.jackson.core;
  requires org.slf4j;
  requires static duckdb.jdbc;
  requires static org.jspecify;
}
