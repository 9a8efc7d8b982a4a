// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.usage.Meter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lines of the catalogue's text shards: fields between tabs, lists between semicolons, nothing
 * for what is absent. Read without reflection or a parser, since a program waits for it. Stateless.
 */
final class ShardText {
  private static final char FIELD = '\t';
  private static final char PART = ';';

  private ShardText() {}

  static String row(RateRow row) {
    return line(
        row.endpoint().label(),
        list(row.scopes().stream().map(PriceScope::label).toList()),
        list(row.regions()),
        row.tier(),
        Long.toString(row.above()),
        row.variant(),
        day(row.from()),
        day(row.to()),
        row.status().label(),
        row.unit().label(),
        figures(row.usd()),
        row.grade(),
        row.asOf(),
        list(row.sources()),
        row.note() == null ? "" : row.note());
  }

  static RateRow row(String model, String line) {
    List<String> f = split(line, FIELD);
    Set<PriceScope> scopes = EnumSet.noneOf(PriceScope.class);
    for (String label : split(f.get(1), PART)) {
      scopes.add(PriceScope.named(label));
    }
    return new RateRow(
        model,
        Endpoint.named(f.get(0)),
        scopes,
        List.copyOf(split(f.get(2), PART)),
        f.get(3),
        Long.parseLong(f.get(4)),
        f.get(5),
        day(f.get(6)),
        day(f.get(7)),
        RateRow.Status.named(f.get(8)),
        RateRow.Unit.named(f.get(9)),
        figures(f.get(10)),
        f.get(11),
        f.get(12),
        List.copyOf(split(f.get(13), PART)),
        f.get(14).isEmpty() ? null : f.get(14));
  }

  static String model(String id, CatalogModel model, Set<String> variants) {
    return line(
        id,
        text(model.family()),
        list(model.aliases()),
        text(model.contextTokens()),
        text(model.maxOutputTokens()),
        list(model.modalities().stream().sorted().toList()),
        text(model.longContextAbove()),
        text(model.unpriced()),
        list(variants));
  }

  static CatalogModel model(List<String> f) {
    return new CatalogModel(
        f.get(1).isEmpty() ? null : f.get(1),
        List.copyOf(split(f.get(2), PART)),
        count(f.get(3)),
        count(f.get(4)),
        Set.copyOf(split(f.get(5), PART)),
        count(f.get(6)),
        f.get(7).isEmpty() ? null : f.get(7));
  }

  static Set<String> variants(List<String> fields) {
    return Set.copyOf(split(fields.get(8), PART));
  }

  static String highest(CatalogLayer.Highest rate) {
    return line(
        rate.meter().name(),
        rate.usd().toPlainString(),
        Long.toString(rate.per()),
        Long.toString(rate.from()),
        Long.toString(rate.to()),
        rate.provenance());
  }

  static CatalogLayer.Highest highest(List<String> f) {
    return new CatalogLayer.Highest(
        new Meter(f.get(0)),
        new BigDecimal(f.get(1)),
        Long.parseLong(f.get(2)),
        Long.parseLong(f.get(3)),
        Long.parseLong(f.get(4)),
        f.get(5));
  }

  static String figures(Map<Meter, BigDecimal> figures) {
    List<String> parts = new ArrayList<>();
    figures.forEach((meter, usd) -> parts.add(meter.name() + "=" + usd.toPlainString()));
    return list(parts);
  }

  static Map<Meter, BigDecimal> figures(String text) {
    Map<Meter, BigDecimal> figures = new LinkedHashMap<>();
    for (String part : split(text, PART)) {
      int equals = part.lastIndexOf('=');
      figures.put(new Meter(part.substring(0, equals)), new BigDecimal(part.substring(equals + 1)));
    }
    return figures;
  }

  /** The fields of a line. */
  static List<String> fields(String line) {
    return split(line, FIELD);
  }

  static String line(String... fields) {
    for (String field : fields) {
      if (field.indexOf(FIELD) >= 0 || field.indexOf('\n') >= 0) {
        throw new IllegalArgumentException("a field of a shard has a tab or a new line: " + field);
      }
    }
    return String.join(String.valueOf(FIELD), fields);
  }

  static String list(Collection<String> parts) {
    for (String part : parts) {
      if (part.indexOf(PART) >= 0) {
        throw new IllegalArgumentException("a part of a list has a semicolon: " + part);
      }
    }
    return String.join(String.valueOf(PART), parts);
  }

  private static List<String> split(String text, char at) {
    List<String> parts = new ArrayList<>();
    if (text.isEmpty() && at == PART) {
      return parts;
    }
    int start = 0;
    for (int end = text.indexOf(at); end >= 0; end = text.indexOf(at, start)) {
      parts.add(text.substring(start, end));
      start = end + 1;
    }
    parts.add(text.substring(start));
    return parts;
  }

  private static String text(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  private static @Nullable Long count(String text) {
    return text.isEmpty() ? null : Long.valueOf(text);
  }

  private static String day(@Nullable LocalDate day) {
    return day == null ? "" : day.toString();
  }

  /** A day as {@code 2026-10-08}, read by hand: the formatter alone takes longer than a shard. */
  static @Nullable LocalDate day(String text) {
    return text.isEmpty()
        ? null
        : LocalDate.of(
            Integer.parseInt(text.substring(0, 4)),
            Integer.parseInt(text.substring(5, 7)),
            Integer.parseInt(text.substring(8, 10)));
  }
}
