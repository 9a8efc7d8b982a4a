// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import io.github.bedrockmeter.report.facts.SqlFiles;
import java.nio.file.Path;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.RegionMetadata;

/**
 * A report as FOCUS 1.2 (FinOps Open Cost and Usage Specification), in CSV: a row for each hour or
 * day of UTC, account, region, model, scope, tier, meter, price and set of tags. Every row is an
 * estimate of the meter's, {@code x_Estimated}; none has an invoice. Stateless.
 *
 * @param billingAccountId the account that AWS bills; null: each call's own, which journals do not
 *     have
 * @param billingAccountName its name, if it is known
 */
public record FocusExport(@Nullable String billingAccountId, @Nullable String billingAccountName) {

  public FocusExport {
    if (billingAccountId != null && !billingAccountId.matches("[0-9]{12}")) {
      throw new IllegalArgumentException("--billing-account must be 12 digits, as 123456789012");
    }
  }

  /**
   * Writes the file. The report's groups are not used: FOCUS has its own.
   *
   * @throws IllegalArgumentException if periods are not hours or days of UTC, or a call has no
   *     account and the export names none
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public void write(Report report, Path file) {
    check(report.request());
    Queries queries = report.queries();
    if (billingAccountId == null && withoutAccount(queries) > 0) {
      throw new IllegalArgumentException(
          withoutAccount(queries)
              + " calls have no account, and FOCUS wants the account that is billed: add"
              + " --billing-account 123456789012");
    }
    queries.text(
        "CREATE OR REPLACE TEMP TABLE report_focus AS"
            + " SELECT ?::VARCHAR AS billing_account, ?::VARCHAR AS billing_account_name",
        billingAccountId,
        billingAccountName);
    queries.text("CREATE OR REPLACE TEMP TABLE report_regions (region VARCHAR, name VARCHAR)");
    Queries.Answer regions =
        queries.text("SELECT DISTINCT region FROM report_calls WHERE region IS NOT NULL");
    for (int i = 0; i < regions.size(); i++) {
      String region = String.valueOf(regions.text(i, "region"));
      queries.text("INSERT INTO report_regions VALUES (?, ?)", region, nameOf(region));
    }
    queries.text(SqlFiles.text("output/focus"));
    report.copy("FROM report_focus_rows", "FORMAT csv, HEADER", file);
  }

  private static long withoutAccount(Queries queries) {
    return queries
        .text("SELECT count(*) AS calls FROM report_calls WHERE account IS NULL AND NOT earlier")
        .number(0, "calls");
  }

  /** What can be checked before anything is read. */
  public static void check(ReportRequest request) {
    if (request.period() != Period.DAY && request.period() != Period.HOUR) {
      throw new IllegalArgumentException(
          "--format focus has hours or days: --period day, not " + request.period().word());
    }
    if (!request.zone().normalized().equals(ZoneOffset.UTC)) {
      throw new IllegalArgumentException(
          "--format focus has hours and days of UTC: leave --zone " + request.zone() + " out");
    }
    if (!request.by().isEmpty() || request.top() > 0 || request.previous()) {
      throw new IllegalArgumentException(
          "--format focus has its own rows: leave --by, --top and --previous out");
    }
  }

  /** AWS's name, as {@code US East (N. Virginia)}; the region itself where the SDK has none. */
  private static String nameOf(String region) {
    RegionMetadata metadata = RegionMetadata.of(Region.of(region));
    return metadata == null ? region : metadata.description();
  }
}
