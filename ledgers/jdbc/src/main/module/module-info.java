// SPDX-License-Identifier: Apache-2.0
module io.github.bedrockmeter.jdbc {
  exports io.github.bedrockmeter.jdbc.journal;
  exports io.github.bedrockmeter.jdbc.ledger;

  // Rows of the journal are written and read as JSON.
  opens io.github.bedrockmeter.jdbc.journal to
      com.fasterxml.jackson.databind;

  requires transitive io.github.bedrockmeter.core;
  requires transitive java.sql;
  requires com.fasterxml.jackson.annotation;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires org.slf4j;
  requires static com.h2database;
  requires static org.jspecify;
}
