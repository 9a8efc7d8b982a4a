// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EscapedTest {
  @Test
  void plainTextIsTheSameInstance() {
    String text = "Zoë's 東京 👍 = fine";

    assertThat(Escaped.text(text)).isSameAs(text);
  }

  @Test
  void whatEndsALineOrMovesACursorIsEscaped() {
    assertThat(Escaped.text("a\nb\r\u001b[2Jc\td\0")).isEqualTo("a\\nb\\r\\u001b[2Jc\\td\\u0000");
    assertThat(Escaped.text("a\u0085b\u2028c\u2029d")).isEqualTo("a\\u0085b\\u2028c\\u2029d");
  }

  @Test
  void whatTurnsOrHidesLettersIsEscaped() {
    assertThat(Escaped.text("a\u202eb\u200bc")).isEqualTo("a\\u202eb\\u200bc");
    assertThat(Escaped.text("a" + Character.toString(0xe0041))).isEqualTo("a\\u{e0041}");
  }

  @Test
  void aLoneSurrogateIsEscaped() {
    assertThat(Escaped.text("a\ud83d")).isEqualTo("a\\ud83d");
    assertThat(Escaped.text("\udc4db")).isEqualTo("\\udc4db");
  }

  @Test
  void longTextIsCutBetweenCharactersAndSaysByHowMuch() {
    assertThat(Escaped.text("x".repeat(256))).isEqualTo("x".repeat(256));
    assertThat(Escaped.text("x".repeat(300)))
        .isEqualTo("x".repeat(256) + "... (44 characters more)");
    assertThat(Escaped.text("abc👍d", 4)).isEqualTo("abc... (3 characters more)");
    assertThat(Escaped.text("abc\nd", 4)).isEqualTo("abc... (2 characters more)");
  }
}
