// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.bill;

import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.pricing.UsageTypes;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.reconcile.Tolerance;
import io.github.bedrockmeter.report.sheet.Sheet;
import io.github.bedrockmeter.report.sheet.TableFiller;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Our facts beside AWS's bill: a Cost and Usage Report 2.0 or a FOCUS 1.2 export, as CSV, gzip CSV
 * or Parquet. Every dollar that the bill charges for Bedrock is either compared or listed with the
 * reason why it is not; every gap is split into parts with their likely causes, which add up to it
 * exactly.
 *
 * <pre>{@code
 * try (FactTables tables = FactTables.open(FactTables.Options.defaults().withFiles(bill))) {
 *   // fill the fact tables
 *   BillReconciliation found = BillReconciliation.of(tables, options);
 *   Sheet causes = found.causes();
 * }
 * }</pre>
 *
 * <p>Days are UTC, as on the bill. Runs once for a set of tables. Confined to one thread.
 */
public final class BillReconciliation {
  private final FactTables tables;
  private final Options options;

  private BillReconciliation(FactTables tables, Options options) {
    this.tables = tables;
    this.options = options;
  }

  /**
   * What is compared with what.
   *
   * @param files the export, in one file or in several; {@link FactTables.Options#withFiles} must
   *     have named them
   * @param prices knows the models behind our ids: aliases and profiles of your own included
   * @param listPrices list prices, against which a discount is measured
   * @param types what usage types count
   * @param today the day of the clock, UTC: it and the day before are not final
   * @param from first day; null for the first of the bill's period
   * @param to first day that no longer counts; null for the day after the bill's last usage
   * @param account the AWS account of facts that name none, as those of a journal; null for the
   *     bill's only one
   * @param isNet whether our costs are compared with net costs, discounts taken off, and not with
   *     unblended costs
   */
  public record Options(
      List<Path> files,
      PriceCatalog prices,
      PriceCatalog listPrices,
      UsageTypes types,
      LocalDate today,
      @Nullable LocalDate from,
      @Nullable LocalDate to,
      @Nullable String account,
      boolean isNet) {

    public Options {
      files = List.copyOf(files);
      if (files.isEmpty()) {
        throw new IllegalArgumentException("a bill has at least one file");
      }
      if (from != null && to != null && !from.isBefore(to)) {
        throw new IllegalArgumentException("from must be before to: " + from + ", " + to);
      }
    }
  }

  /**
   * Compares the facts in the tables with a bill.
   *
   * @throws IllegalArgumentException if the files are no such export, or a cell of it is no number
   * @throws java.io.UncheckedIOException if they cannot be read
   */
  public static BillReconciliation of(FactTables tables, Options options) {
    BillReconciliation reconciliation = new BillReconciliation(tables, options);
    reconciliation.readBill();
    reconciliation.settle();
    BillTypes types = new BillTypes(tables, options.prices(), options.types());
    types.fill();
    tables.execute("bill/kinds");
    types.fillOurs();
    tables.execute("bill/cells");
    new GapParts(tables, options.listPrices()).fill();
    tables.execute("bill/causes");
    return reconciliation;
  }

  private void readBill() {
    tables.execute("bill/tables");
    BillFile.Columns columns = BillFile.open(tables, options.files());
    try {
      tables.execute(columns.sql());
    } catch (IllegalStateException torn) {
      throw new IllegalArgumentException(
          "the bill " + options.files() + " cannot be read to its end: " + BillFile.reason(torn),
          torn);
    }
    Rows broken = tables.query("bill/broken");
    if (broken.size() > 0) {
      throw new IllegalArgumentException(
          "the bill %s has a row of '%s' with '%s' as its %s"
              .formatted(
                  options.files(),
                  broken.get(0, "usage_type"),
                  broken.get(0, "cell"),
                  broken.get(0, "what")));
    }
    tables.execute("bill/rows");
  }

  private void settle() {
    Rows found = tables.query("bill/period");
    Object first = found.get(0, "first_day");
    if (first == null) {
      throw new IllegalArgumentException(
          "the bill " + options.files() + " has no usage of Amazon Bedrock");
    }
    LocalDate from = options.from() == null ? LocalDate.parse(first.toString()) : options.from();
    LocalDate to =
        options.to() == null
            ? LocalDate.parse(String.valueOf(found.get(0, "last_day"))).plusDays(1)
            : options.to();
    long accounts = ((Number) Objects.requireNonNull(found.get(0, "accounts"))).longValue();
    String only = String.valueOf(found.get(0, "account"));
    String account = options.account() == null ? only : options.account();
    boolean isSplit =
        options.account() != null
            || accounts <= 1
            || Long.valueOf(0).equals(found.get(0, "ours_unnamed"));
    try (TableFiller settings = TableFiller.of(tables, "bill_settings")) {
      settings.add(from, to, options.today(), account, isSplit, options.isNet());
    }
  }

  /**
   * The totals: ours, theirs, what is not compared and why, and what stands apart; one row each.
   */
  public Sheet summary() {
    return Sheet.of("summary", tables.query("bill/summary")).withPercent("gap_usd", "their_usd");
  }

  /** The gap by likely cause. */
  public Sheet causes() {
    return Sheet.of("causes", tables.query("bill/by-cause"));
  }

  /**
   * Ours beside theirs by day, account, region, usage type, application inference profile and
   * cause; the gaps of a cell's rows add up to the cell's.
   *
   * @param isAll also what does not differ
   */
  public Sheet lines(boolean isAll) {
    return Sheet.of("lines", tables.query("bill/lines", isAll)).withPercent("gap_usd", "their_usd");
  }

  /**
   * Every dollar that the bill charges for Bedrock: the lines, and what is not compared. The column
   * {@code their_usd} adds up to the bill.
   */
  public Sheet everything() {
    return Sheet.of("everything", tables.query("bill/everything"))
        .withPercent("gap_usd", "their_usd");
  }

  /** What the bill charges and is not compared, by kind, with the reason. */
  public Sheet apart() {
    return Sheet.of("apart", tables.query("bill/apart"));
  }

  /**
   * Terms of your own that explain the gap: discounts, and rates where single prices differ; as
   * JSON for {@code PriceCatalog.Builder.overrides}. Empty if none explain any of it.
   */
  public Optional<String> proposedTerms() {
    return new ProposedTerms(tables).json();
  }

  /**
   * How far ours is from theirs: the gaps by account, region, model, meter, tier, scope, band and
   * profile over all final days, without their signs, and what is not understood. A call that the
   * bill counts on the next day is thus no difference. Where no day is final, all count.
   */
  public Difference difference() {
    Rows found = tables.query("bill/difference");
    return new Difference(
        (BigDecimal) Objects.requireNonNull(found.get(0, "usd")),
        (BigDecimal) Objects.requireNonNull(found.get(0, "their_usd")));
  }

  /**
   * How far ours is from theirs.
   *
   * @param usd dollars that differ, without signs
   * @param theirUsd dollars of the bill that they are part of
   */
  public record Difference(BigDecimal usd, BigDecimal theirUsd) {

    /** Whether it is more than a tolerance allows, of the bill where that is a share. */
    public boolean isBeyond(Tolerance tolerance) {
      return usd.compareTo(tolerance.usdOf(theirUsd.abs())) > 0;
    }
  }
}
