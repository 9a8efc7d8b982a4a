// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.whatif;

import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.report.facts.FactTables;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What calls are grouped by: {@code model}, {@code tag:team}, {@code day}, ... Immutable and
 * thread-safe.
 */
public final class Grouping {
  private static final String TAG = "tag:";

  /** The columns of calls, as {@code c}, by name. */
  private static final Map<String, String> COLUMNS =
      new TreeMap<>(
          Map.of(
              "model", "coalesce(c.model, c.model_id, '')",
              "region", "coalesce(c.region, '')",
              "account", "coalesce(c.account, '')",
              "tier", "coalesce(c.tier, '')",
              "profile", "coalesce(c.profile, '')",
              "principal", "coalesce(c.principal, '')",
              "operation", "coalesce(c.operation, '')",
              "day", "CAST(CAST(c.time AS DATE) AS VARCHAR)",
              "month", "strftime(c.time, '%Y-%m')"));

  private final List<String> names;

  private Grouping(List<String> names) {
    this.names = names;
  }

  /**
   * Reads a grouping; days and months are UTC.
   *
   * @throws IllegalArgumentException if a name is not known; the message has the nearest one
   */
  public static Grouping of(List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("group by at least one column, as model,tag:team");
    }
    Set<String> unique = new LinkedHashSet<>();
    for (String name : names) {
      boolean isTag = name.startsWith(TAG) && name.length() > TAG.length();
      if (!isTag && !COLUMNS.containsKey(name)) {
        throw new IllegalArgumentException(
            "nothing is grouped by '"
                + name
                + "'"
                + NearestName.hint(name, COLUMNS.keySet())
                + "; known are "
                + String.join(", ", COLUMNS.keySet())
                + " and tag:NAME");
      }
      unique.add(name);
    }
    return new Grouping(List.copyOf(unique));
  }

  /** The places of the columns, which come first. */
  private String order() {
    return IntStream.rangeClosed(1, names.size())
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", "));
  }

  /** Expressions with their names, over calls as {@code c} and the joins. */
  private String columns() {
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      String column = COLUMNS.get(name);
      columns.add(
          (column == null ? "coalesce(t" + i + ".value, '(none)')" : column)
              + " AS "
              + FactTables.name(name));
    }
    return String.join(", ", columns);
  }

  /** A join for each tag. */
  private String joins() {
    StringBuilder joins = new StringBuilder();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (!COLUMNS.containsKey(name)) {
        joins.append(
            " LEFT JOIN tags t%d ON t%d.call = c.call AND t%d.name = %s"
                .formatted(i, i, i, FactTables.text(name.substring(TAG.length()))));
      }
    }
    return joins.toString();
  }

  /** A SQL file's text with the columns, the joins and the order in their places. */
  String into(String sql) {
    return sql.replace("{columns}", columns())
        .replace("{joins}", joins())
        .replace("{order}", order());
  }
}
