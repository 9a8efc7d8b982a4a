// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.report.sheet.TextWidth;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class FittedTableTest {
  private static final List<List<String>> ROWS =
      List.of(
          List.of("MODEL", "NEVER READ TOKENS", "BEFORE USD", "ADVICE"),
          List.of(
              "anthropic.claude-sonnet-4-5-20250929-v1:0",
              "1,234,567",
              "-1234.567890123456",
              "more than half of the writes were never read"),
          List.of("日本語チーム名前", "0", "unknown", "keep"));

  @Test
  void numbersStayWholeWhereTextsAreBroken() {
    List<String> lines = written(66);

    assertThat(lines).allMatch(line -> TextWidth.of(line) <= 66);
    assertThat(String.join("\n", lines)).contains("1,234,567").contains("-1234.567890123456");
    assertThat(lines.get(0)).startsWith("MODEL").contains("BEFORE USD");
  }

  @Test
  void columnsStandBelowEachOtherAfterWideLetters() {
    List<String> lines = written(200);

    assertThat(lines).hasSize(3);
    int column = TextWidth.of(lines.get(1).substring(0, lines.get(1).indexOf("1,234,567")));
    assertThat(TextWidth.of(lines.get(2).substring(0, lines.get(2).indexOf("0  "))))
        .isEqualTo(column);
  }

  @Test
  void whereNumbersDoNotFitEachRowIsABlock() {
    List<String> lines = written(40);

    assertThat(lines)
        .contains(
            "BEFORE USD         -1234.567890123456",
            "MODEL              anthropic.claude-sonnet-4-5-20250929-v1:0");
  }

  private static List<String> written(int width) {
    StringWriter text = new StringWriter();
    FittedTable.write(new PrintWriter(text, true), ROWS, width);
    return text.toString().lines().toList();
  }
}
