// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.bill;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.scene.Bill;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several files are parts of one export, each once. */
class BillPartsTest {
  @TempDir Path folder;
  private Path cur;

  @BeforeEach
  void writeBill() throws IOException {
    Bill bill = new Bill();
    bill.aws("AmazonBedrock", "USE1-NovaPro-input-tokens", "2026-10-05", "1000", "0.8");
    cur = bill.write(folder.resolve("cur.csv"));
  }

  @Test
  void aFileThatIsNamedTwiceIsRefusedAndNotCountedTwice() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link.csv"), cur);

    for (Path again : List.of(cur, folder.resolve("x/../cur.csv").normalize(), link)) {
      assertThatThrownBy(() -> compare(cur, again))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("the bill names one file twice: ");
    }
  }

  @Test
  void exportsOfTwoKindsAreRefusedAndNeitherIsLeftOut() throws IOException {
    Path focus =
        Files.writeString(
            folder.resolve("focus.csv"),
            """
            ChargeCategory,x_ServiceCode,ServiceName,SkuMeter,ChargePeriodStart,BilledCost
            Usage,AmazonBedrock,Amazon Bedrock,USE1-NovaPro-input-tokens,2026-10-05T14:00:00Z,1
            """);

    assertThatThrownBy(() -> compare(cur, focus))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the files of a bill must be of one export: "
                + cur
                + " is a Cost and Usage Report 2.0, and "
                + focus
                + " is a FOCUS 1.2 export; compare each on its own");
  }

  @Test
  void aFileThatIsNoTableIsRefusedWithWhatIsRead() throws IOException {
    Path json = Files.writeString(folder.resolve("bill.json"), "[{\"a\": \"b\nc\", \"d\"}\n,,\"");

    assertThatThrownBy(() -> compare(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("export CUR 2.0 or FOCUS 1.2 as CSV, gzip or Parquet");
  }

  private static void compare(Path... files) {
    try (FactTables tables = FactTables.open(FactTables.Options.defaults().withFiles(files))) {
      BillReconciliation.Options one = Bill.compared(files[0], PriceCatalog.bundled(), false);
      BillReconciliation.of(
          tables,
          new BillReconciliation.Options(
              List.of(files),
              one.prices(),
              one.listPrices(),
              one.types(),
              one.today(),
              one.from(),
              one.to(),
              one.account(),
              one.isNet()));
    }
  }
}
