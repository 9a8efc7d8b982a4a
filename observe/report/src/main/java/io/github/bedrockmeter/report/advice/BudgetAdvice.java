// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.advice;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.sheet.Sheet;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What limits past spend suggests for the values of a tag: a percentile of what each spent on the
 * days that it called, with some headroom, and the whole time's spend with the same headroom for a
 * month. Written as a budgets file, in mode {@code shadow}, so that nothing is denied until a
 * person decides it.
 *
 * <p>Runs once for a set of tables. Confined to one thread.
 */
public final class BudgetAdvice {
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
  private static final int CENTS = 2;
  private static final BigDecimal LEAST = new BigDecimal("0.01");

  private final Options options;
  private final Sheet percentiles;

  private BudgetAdvice(Options options, Sheet percentiles) {
    this.options = options;
    this.percentiles = percentiles;
  }

  /**
   * What is asked.
   *
   * @param tag the tag whose values get limits
   * @param from first instant of the spend
   * @param to first instant that no longer counts
   * @param percentile of the days, above 0 and at most 100, as 95
   * @param headroomPercent how much more than that a limit is, as 20
   */
  public record Options(
      String tag, Instant from, Instant to, BigDecimal percentile, BigDecimal headroomPercent) {
    public Options {
      if (tag.isBlank()) {
        throw new IllegalArgumentException("tag must not be blank, as team");
      }
      if (!from.isBefore(to)) {
        throw new IllegalArgumentException("from must be before to: " + from + ", " + to);
      }
      if (percentile.signum() <= 0 || percentile.compareTo(HUNDRED) > 0) {
        throw new IllegalArgumentException(
            "percentile must be above 0 and at most 100: " + percentile.toPlainString());
      }
      if (headroomPercent.signum() < 0) {
        throw new IllegalArgumentException(
            "headroom must not be negative: " + headroomPercent.toPlainString());
      }
    }
  }

  /** Works out the spend in the tables. */
  public static BudgetAdvice of(FactTables tables, Options options) {
    tables.execute("advice/spend", options.tag(), options.from(), options.to());
    Sheet percentiles =
        Sheet.of(
            "spend",
            tables.query(
                "advice/percentiles", options.percentile().movePointLeft(2).toPlainString()));
    return new BudgetAdvice(options, percentiles);
  }

  /** What each value spent: days, calls, median, percentile and highest day, and in all. */
  public Sheet spend() {
    return percentiles;
  }

  /**
   * A budgets file in YAML. A value that has not called yet gets the median of the limits. A value
   * that spent nothing, or whose calls all have no price, gets no limit of its own.
   *
   * @throws IllegalStateException if nothing was spent: then no limit can be suggested
   */
  public String budgetsFile() {
    StringBuilder out = new StringBuilder();
    out.append("# Suggested from what was spent from ")
        .append(options.from())
        .append(" to ")
        .append(options.to())
        .append(", by the tag ")
        .append(quoted(options.tag()))
        .append(".\n# Mode shadow reports what would be denied; 'mode: enforce' denies it.\n");
    long unpriced = 0;
    for (int i = 0; i < percentiles.rows().size(); i++) {
      unpriced += (Long) Objects.requireNonNull(percentiles.get(i, "unpriced"));
    }
    if (unpriced > 0) {
      out.append("# ").append(unpriced).append(" calls had no price: spend was at least this.\n");
    }
    out.append("budgets:\n");
    budget(
        out,
        "daily",
        "percentile_usd",
        "percentile %s of the days with calls".formatted(options.percentile().toPlainString()));
    out.append('\n');
    budget(out, "monthly", "total_usd", "the whole time");
    return out.toString();
  }

  private void budget(StringBuilder out, String window, String column, String basis) {
    List<Integer> spending = new ArrayList<>();
    for (int i = 0; i < percentiles.rows().size(); i++) {
      if (amount(i, column).signum() > 0) {
        spending.add(i);
      }
    }
    if (spending.isEmpty()) {
      throw new IllegalStateException(
          "no call with a price was found from " + options.from() + " to " + options.to());
    }
    List<BigDecimal> limits =
        spending.stream().map(i -> limit(amount(i, column))).sorted().toList();
    out.append("  - name: ").append(quoted(options.tag() + "-" + window)).append('\n');
    out.append("    limit: ")
        .append(limits.get(limits.size() / 2).toPlainString())
        .append(" USD  # of each value without a limit of its own: the median of those below\n");
    out.append("    window: ").append(window).append(" in UTC\n");
    out.append("    per: ").append(quoted(options.tag())).append('\n');
    out.append("    mode: shadow\n");
    out.append("    limits:  # ")
        .append(basis)
        .append(", and ")
        .append(options.headroomPercent().toPlainString())
        .append(" % more\n");
    for (int row : spending) {
      String value = String.valueOf(percentiles.get(row, "value"));
      out.append("      ")
          .append(quoted(options.tag() + "=" + scoped(value)))
          .append(": ")
          .append(limit(amount(row, column)).toPlainString())
          .append(" USD\n");
    }
  }

  private BigDecimal amount(int row, String column) {
    @Nullable Object value = percentiles.get(row, column);
    return value == null ? BigDecimal.ZERO : (BigDecimal) value;
  }

  /** With headroom, up to whole cents. */
  private BigDecimal limit(BigDecimal usd) {
    return usd.multiply(HUNDRED.add(options.headroomPercent()))
        .movePointLeft(2)
        .setScale(CENTS, RoundingMode.CEILING)
        .max(LEAST);
  }

  /** A value as a scope has it. */
  private static String scoped(String value) {
    return value.replace("\\", "\\\\").replace(",", "\\,");
  }

  /** A text as YAML has it: YAML reads JSON's strings. */
  private static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }
}
