// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.sheet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextWidthTest {
  @Test
  void wideLettersTakeTwoColumnsAndMarksNone() {
    assertThat(TextWidth.of("search")).isEqualTo(6);
    assertThat(TextWidth.of("日本語チーム")).isEqualTo(12);
    assertThat(TextWidth.of("검색 팀")).isEqualTo(7);
    assertThat(TextWidth.of("🎉emoji")).isEqualTo(7);
    assertThat(TextWidth.of("nai\u0308ve")).isEqualTo(5);
    assertThat(TextWidth.of("naïve — “x”")).isEqualTo(11);
    assertThat(TextWidth.gap("日本", 6)).isEqualTo("  ");
    assertThat(TextWidth.gap("日本", 3)).isEmpty();
  }

  @Test
  void linesFitAndNoLetterIsTornApart() {
    assertThat(TextWidth.lines("日本語チーム", 5)).containsExactly("日本", "語チ", "ーム");
    assertThat(TextWidth.lines("🎉🎉🎉", 4)).containsExactly("🎉🎉", "🎉");
    assertThat(TextWidth.lines("🎉🎉", 1)).containsExactly("🎉", "🎉");
    assertThat(TextWidth.lines("us.anthropic.claude", 14))
        .containsExactly("us.anthropic.", "claude");
    assertThat(TextWidth.lines("never read tokens", 10)).containsExactly("never read", "tokens");
    assertThat(TextWidth.lines("", 8)).containsExactly("");
  }
}
