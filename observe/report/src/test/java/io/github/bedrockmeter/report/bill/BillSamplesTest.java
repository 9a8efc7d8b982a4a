// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.bill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.scene.Bill;
import io.github.bedrockmeter.report.sheet.Sheet;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Sample exports that are no part of the project; BEDROCKMETER_PRICE_DATA names their folder. */
class BillSamplesTest {
  @Test
  void everyDollarOfTheSampleReportIsComparedOrListed() {
    Sheet everything = read("cur-sample.csv", "line_item_unblended_cost");

    assertThat(understood(everything)).isEqualTo(everything.rows().size());
  }

  @Test
  void everyDollarOfTheSampleFocusExportIsComparedOrListed() {
    Sheet everything = read("focus-sample.csv", "BilledCost");

    // Rows of the Marketplace name no model there, but for those whose resource does.
    for (int i = 0; i < everything.rows().size(); i++) {
      if ("not understood".equals(everything.get(i, "what"))) {
        assertThat(String.valueOf(everything.get(i, "usage_type"))).contains("-MP:");
      }
    }
  }

  private static long understood(Sheet everything) {
    return everything.rows().stream().filter(row -> !"not understood".equals(row.get(0))).count();
  }

  private static Sheet read(String name, String costColumn) {
    String folder = System.getenv("BEDROCKMETER_PRICE_DATA");
    Path file = folder == null ? Path.of(name) : Path.of(folder, name);
    boolean isThere = folder != null && Files.isReadable(file);
    if (!isThere) {
      System.err.println("NOT RUN: BEDROCKMETER_PRICE_DATA names no folder with " + name);
    }
    assumeTrue(isThere);
    try (FactTables tables = FactTables.open(FactTables.Options.defaults().withFiles(file))) {
      BillReconciliation found =
          BillReconciliation.of(tables, Bill.compared(file, PriceCatalog.bundled(), true));
      Sheet everything = found.everything();
      BigDecimal sum = BigDecimal.ZERO;
      for (int i = 0; i < everything.rows().size(); i++) {
        Object usd = everything.get(i, "their_usd");
        sum = usd == null ? sum : sum.add((BigDecimal) usd);
      }
      Object net =
          tables
              .ask(
                  "SELECT sum(CAST(coalesce(%s) AS DECIMAL(38,18))) AS usd FROM bill_file"
                      .formatted(
                          costColumn.equals("BilledCost")
                              ? "BilledCost"
                              : "line_item_net_unblended_cost, line_item_unblended_cost"))
              .get(0, "usd");
      assertThat(sum).isEqualByComparingTo(String.valueOf(net));
      System.out.printf(
          "%s: %d of %d lines understood, %s USD in all%n",
          name, understood(everything), everything.rows().size(), sum.toPlainString());
      return everything;
    }
  }
}
