// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.output.Dimension;
import io.github.bedrockmeter.report.output.Report;
import io.github.bedrockmeter.report.output.ReportRequest;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Mentions tags and values that were asked for and no call has: mostly they are misspelt. */
final class MissingNames {
  /** More names than a user can mean. */
  private static final int MOST = 10_000;

  private MissingNames() {}

  static void mention(
      FactTables tables, List<Dimension> by, List<ReportRequest.Filter> filters, PrintWriter err) {
    Set<String> tags = new LinkedHashSet<>();
    by.forEach(dimension -> addTag(dimension, tags));
    filters.forEach(filter -> addTag(filter.dimension(), tags));
    if (tables.ask("SELECT 1 FROM calls LIMIT 1").size() == 0) {
      return; // no call has anything
    }
    List<String> known = tags.isEmpty() ? List.of() : names(tables);
    for (String tag : tags) {
      if (!known.contains(tag)) {
        Texts.line(
            err,
            "no call has a tag '" + Escaped.text(tag, 60) + "'" + NearestName.hint(tag, known));
      }
    }
    for (ReportRequest.Filter filter : filters) {
      String tag = filter.dimension().tag();
      if ((tag == null || known.contains(tag)) && !filter.value().equals(Report.NONE)) {
        mention(tables, filter, err);
      }
    }
  }

  /** Tags of groups, as {@code tag:team}. */
  static void mention(FactTables tables, List<String> groups, PrintWriter err) {
    mention(
        tables,
        groups.stream().filter(name -> name.startsWith("tag:")).map(Dimension::of).toList(),
        List.of(),
        err);
  }

  private static void addTag(Dimension dimension, Set<String> tags) {
    if (dimension.tag() != null) {
      tags.add(dimension.tag());
    }
  }

  private static List<String> names(FactTables tables) {
    return texts(tables.ask("SELECT DISTINCT name FROM tags ORDER BY name LIMIT ?", MOST));
  }

  private static void mention(FactTables tables, ReportRequest.Filter filter, PrintWriter err) {
    List<String> values = texts(tables.ask(filter.dimension().values() + " LIMIT ?", MOST));
    if (!values.contains(filter.value()) && values.size() < MOST) {
      Texts.line(
          err,
          "no call has "
              + Escaped.text(filter.dimension().name(), 60)
              + "="
              + Escaped.text(filter.value(), 60)
              + NearestName.hint(filter.value(), values));
    }
  }

  private static List<String> texts(Rows rows) {
    return rows.rows().stream()
        .map(row -> (@Nullable Object) row.get(0))
        .filter(Objects::nonNull)
        .map(String::valueOf)
        .toList();
  }
}
