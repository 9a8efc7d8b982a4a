// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.jdbc.internal.Database;
import io.github.bedrockmeter.jdbc.internal.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * The view of calls that has a column for each of some tags. It is made when the journal first uses
 * its database, unless it has these columns already. Immutable and thread-safe.
 */
final class TagColumns {
  private static final Log log = Log.to(LoggerFactory.getLogger(TagColumns.class));

  /** As long as names may be in PostgreSQL. */
  private static final int LONGEST = 63;

  private static final String BEGIN = "tag_";

  /** Tags by the names of their columns. */
  private final Map<String, String> tags;

  private TagColumns(Map<String, String> tags) {
    this.tags = tags;
  }

  /**
   * The columns of some tags.
   *
   * @throws IllegalArgumentException if two have the same column, or one's is too long
   */
  static TagColumns of(List<String> names) {
    Map<String, String> tags = new LinkedHashMap<>();
    for (String tag : names) {
      String column = BEGIN + tag.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
      if (column.length() > LONGEST) {
        throw new IllegalArgumentException(
            "tagColumns must be names of up to %d characters, for example 'team': '%s'"
                .formatted(LONGEST - BEGIN.length(), tag));
      }
      String other = tags.put(column, tag);
      if (other != null) {
        throw new IllegalArgumentException(
            "tagColumns must differ in letters and digits: '%s' and '%s' are both the column %s"
                .formatted(other, tag, column));
      }
    }
    return new TagColumns(tags);
  }

  /**
   * Makes the view if it has not these columns; without the right to make it, that is logged.
   *
   * @throws SQLException if the database is unavailable
   */
  void make(Database database, Schema schema) throws SQLException {
    String view = schema.table("call");
    if (tags.isEmpty() || isMade(database, view)) {
      return;
    }
    try {
      database.transact(
          connection ->
              execute(connection, "DROP VIEW IF EXISTS " + view)
                  && execute(connection, create(view, schema)));
    } catch (SQLException failure) {
      // Another process may have made it since.
      if (!isMade(database, view)) {
        log.warn(
            "The view {} could not be made; the journal works without it. Its SQL: {}",
            view,
            create(view, schema),
            failure);
      }
    }
  }

  private boolean isMade(Database database, String view) throws SQLException {
    String columns = String.join(", ", tags.keySet());
    try {
      return database.transact(
          connection ->
              execute(connection, "SELECT " + columns + " FROM " + view + " WHERE 1 = 0"));
    } catch (SQLException failure) {
      if (Database.isTransient(failure)) {
        throw failure;
      }
      return false;
    }
  }

  private String create(String view, Schema schema) {
    StringBuilder sql = new StringBuilder("CREATE VIEW ").append(view).append(" AS SELECT u.*");
    tags.forEach(
        (column, tag) ->
            sql.append(", COALESCE((SELECT t.tag_value FROM ")
                .append(schema.table("usage_tag"))
                .append(" t WHERE t.call_id = u.call_id AND t.tag = '")
                .append(tag.replace("'", "''"))
                .append("'), '(none)') AS ")
                .append(column));
    return sql.append(" FROM ").append(schema.table("usage")).append(" u").toString();
  }

  private static boolean execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
    return true;
  }
}
