// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.bill;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An export of AWS's bill, as the engine reads it: every cell a text, columns that are not there
 * null. Stateless.
 */
final class BillFile {
  private static final int MAGIC_LENGTH = 4;
  private static final int BYTE = 0xff;

  /** How a file is stored; its first bytes show it, whatever its name. */
  private enum Format {
    CSV,
    GZIP,
    PARQUET
  }

  /**
   * Which columns an export has. Immutable.
   *
   * @param sql the SQL that reads its rows
   * @param title what such an export is called
   */
  record Columns(String sql, String title, List<String> required, List<String> optional) {
    static final Columns CUR =
        new Columns(
            "bill/cur",
            "a Cost and Usage Report 2.0",
            List.of(
                "line_item_line_item_type",
                "line_item_product_code",
                "line_item_usage_type",
                "line_item_usage_start_date",
                "line_item_usage_amount",
                "line_item_unblended_cost",
                "pricing_unit"),
            List.of(
                "bill_billing_entity",
                "bill_billing_period_start_date",
                "bill_billing_period_end_date",
                "bill_invoice_id",
                "line_item_currency_code",
                "line_item_net_unblended_cost",
                "line_item_resource_id",
                "line_item_usage_account_id",
                "line_item_usage_end_date",
                "product",
                "product_product_name",
                "product_region_code"));
    static final Columns FOCUS =
        new Columns(
            "bill/focus",
            "a FOCUS 1.2 export",
            List.of("ChargeCategory", "ChargePeriodStart", "BilledCost", "SkuMeter"),
            List.of(
                "BillingCurrency",
                "BillingPeriodStart",
                "BillingPeriodEnd",
                "ChargeClass",
                "ChargePeriodEnd",
                "ConsumedQuantity",
                "ConsumedUnit",
                "InvoiceId",
                "PricingQuantity",
                "PricingUnit",
                "RegionId",
                "ResourceId",
                "ServiceName",
                "SubAccountId",
                "x_Discounts",
                "x_ServiceCode"));
  }

  private BillFile() {}

  /**
   * Makes the view {@code bill_file} of files that are one export.
   *
   * @throws IllegalArgumentException if they are no such export
   */
  static Columns open(FactTables tables, List<Path> files) {
    refuseRepeats(files);
    Format format = null;
    for (Path file : files) {
      Format one = format(file);
      if (format != null && one != format) {
        throw new IllegalArgumentException(
            "the files of a bill must all be CSV, all gzip or all Parquet: " + files);
      }
      format = one;
    }
    refuseMixture(tables, files, format == null ? Format.CSV : format);
    String source = source(files, format == null ? Format.CSV : format);
    Map<String, String> types = types(tables, files, source);
    Columns columns = columns(files, types);
    List<String> expressions = new ArrayList<>();
    for (String column : columns.required()) {
      expressions.add(expression(column, types.get(column)));
    }
    for (String column : columns.optional()) {
      expressions.add(expression(column, types.get(column)));
    }
    create(
        tables,
        "CREATE VIEW bill_file AS SELECT " + String.join(", ", expressions) + " FROM " + source);
    return columns;
  }

  private static void refuseRepeats(List<Path> files) {
    Set<Path> seen = new HashSet<>();
    for (Path file : files) {
      try {
        if (!seen.add(file.toRealPath())) {
          throw new IllegalArgumentException(
              "the bill names one file twice: " + file + "; give each part once");
        }
      } catch (IOException unreadable) {
        throw new UncheckedIOException("cannot read the bill " + file, unreadable);
      }
    }
  }

  /** Files of two kinds are no parts of one export: rows of one of them would not be seen. */
  private static void refuseMixture(FactTables tables, List<Path> files, Format format) {
    Columns first = null;
    for (Path file : files.size() == 1 ? List.<Path>of() : files) {
      List<Path> alone = List.of(file);
      Columns columns = columns(alone, types(tables, alone, source(alone, format)));
      if (first != null && !columns.equals(first)) {
        throw new IllegalArgumentException(
            "the files of a bill must be of one export: %s is %s, and %s is %s; compare each on its own"
                .formatted(files.get(0), first.title(), file, columns.title()));
      }
      first = columns;
    }
  }

  private static void create(FactTables tables, String sql) {
    try (Connection connection = tables.duplicate();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException failure) {
      throw new IllegalStateException(
          "the engine refuses a view: " + failure.getMessage(), failure);
    }
  }

  private static Format format(Path file) {
    if (file.toString().matches(".*[*?\\[\\]{}].*")) {
      throw new IllegalArgumentException(
          "the engine takes *, ?, [ and { in a name for a pattern; rename " + file);
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] magic = in.readNBytes(MAGIC_LENGTH);
      if (magic.length >= 2 && (magic[0] & BYTE) == 0x1f && (magic[1] & BYTE) == 0x8b) {
        return Format.GZIP;
      }
      boolean isParquet =
          magic.length == MAGIC_LENGTH
              && magic[0] == 'P'
              && magic[1] == 'A'
              && magic[2] == 'R'
              && magic[3] == '1';
      return isParquet ? Format.PARQUET : Format.CSV;
    } catch (IOException unreadable) {
      throw new UncheckedIOException("cannot read the bill " + file, unreadable);
    }
  }

  private static String source(List<Path> files, Format format) {
    String names =
        files.stream()
            .map(file -> FactTables.text(file.toAbsolutePath().toString()))
            .collect(Collectors.joining(", ", "[", "]"));
    if (format == Format.PARQUET) {
      return "read_parquet(" + names + ", union_by_name = true)";
    }
    return "read_csv("
        + names
        + ", header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"',"
        + " union_by_name = true, strict_mode = true, compression = '"
        + (format == Format.GZIP ? "gzip" : "none")
        + "')";
  }

  private static Map<String, String> types(FactTables tables, List<Path> files, String source) {
    Rows described;
    try {
      described = tables.ask("DESCRIBE SELECT * FROM " + source);
    } catch (IllegalStateException unreadable) {
      throw new IllegalArgumentException(
          "the bill "
              + files
              + " cannot be read as a table; export CUR 2.0 or FOCUS 1.2 as CSV, gzip or Parquet: "
              + reason(unreadable),
          unreadable);
    }
    Map<String, String> types = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (int i = 0; i < described.size(); i++) {
      types.put(
          String.valueOf(described.get(i, "column_name")).strip(),
          String.valueOf(described.get(i, "column_type")));
    }
    return types;
  }

  /** The first line of what the engine says: the others quote the file. */
  static String reason(IllegalStateException failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  private static Columns columns(List<Path> files, Map<String, String> types) {
    if (types.containsKey("lineItem/UsageType")) {
      throw new IllegalArgumentException(
          files + " is a Cost and Usage Report of the first version; export CUR 2.0 or FOCUS 1.2");
    }
    Columns columns =
        types.containsKey("SkuMeter")
            ? Columns.FOCUS
            : types.containsKey("line_item_usage_type") ? Columns.CUR : null;
    if (columns == null) {
      throw new IllegalArgumentException(
          files
              + " is neither a Cost and Usage Report 2.0, which has a column line_item_usage_type,"
              + " nor a FOCUS 1.2 export, which has SkuMeter");
    }
    for (String column : columns.required()) {
      if (!types.containsKey(column)) {
        throw new IllegalArgumentException(
            files + " has no column " + column + "; add it to the export's query");
      }
    }
    return columns;
  }

  private static String expression(String column, @Nullable String type) {
    String name = FactTables.name(column);
    if (type == null) {
      return "CAST(NULL AS VARCHAR) AS " + name;
    }
    String upper = type.toUpperCase(Locale.ROOT);
    boolean isNested =
        upper.startsWith("MAP") || upper.startsWith("STRUCT") || upper.endsWith("[]");
    String text =
        isNested ? "CAST(to_json(" + name + ") AS VARCHAR)" : "CAST(" + name + " AS VARCHAR)";
    return "nullif(" + text + ", '') AS " + name;
  }
}
