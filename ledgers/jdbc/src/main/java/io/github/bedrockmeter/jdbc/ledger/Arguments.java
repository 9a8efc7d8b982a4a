// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** Sets the arguments of a statement, one after the other. Confined to one thread. */
final class Arguments {
  private final Connection connection;
  private final PreparedStatement statement;
  private int next = 1;

  Arguments(Connection connection, PreparedStatement statement) {
    this.connection = connection;
    this.statement = statement;
  }

  void add(String value) throws SQLException {
    statement.setString(next++, value);
  }

  void add(long value) throws SQLException {
    statement.setLong(next++, value);
  }

  /** An array. The statement's text stays the same however many values there are. */
  void add(String type, List<?> values) throws SQLException {
    statement.setArray(next++, connection.createArrayOf(type, values.toArray()));
  }
}
