// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import io.github.bedrockmeter.report.reconcile.GeneratedMonth;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** That no text of a prompt is in files. Stateless. */
final class NoCanary {
  private NoCanary() {}

  /** Neither in the bytes of any file, nor in any value of them, which are compressed. */
  static void in(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder);
        FactTables tables = OneMachine.open(folder)) {
      List<Path> files = all.filter(Files::isRegularFile).toList();
      long rows = 0;
      for (Path file : files) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .doesNotContain(GeneratedMonth.CANARY);
        if (file.toString().endsWith(".parquet")) {
          Rows counted =
              tables.ask(
                  "SELECT count(*) AS n, count(*) FILTER (contains(CAST(f AS VARCHAR), "
                      + FactTables.text(GeneratedMonth.CANARY)
                      + ")) AS canaries FROM read_parquet("
                      + FactTables.text(file.toString())
                      + ") f");
          rows += ((Number) counted.rows().get(0).get(0)).longValue();
          assertThat(((Number) counted.rows().get(0).get(1)).longValue()).isZero();
        }
      }
      assertThat(rows).isPositive();
    }
  }
}
