// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A star stands for any characters, and no value makes matching slow. */
class GlobTest {

  @ParameterizedTest
  @CsvSource({
    "search-*,search-eu,true",
    "search-*,search-,true",
    "search-*,research-eu,false",
    "*,'',true",
    "*,anything,true",
    "a*a,a,false",
    "a*a,aa,true",
    "*-prod,eu-prod,true",
    "*-prod,eu-prod-2,false",
    "*b*,abc,true",
    "a**c,abc,true",
    "a*b*c,acbc,true",
    "a*b*c,acb,false",
    "plain,plain,true",
    "plain,plainer,false",
    "a.c,abc,false"
  })
  void aStarStandsForAnyCharacters(String pattern, String value, boolean matches) {
    assertThat(new Glob(pattern).test(value)).isEqualTo(matches);
  }

  @Test
  void itAgreesWithARegularExpression() {
    Random random = new Random(7);
    for (int i = 0; i < 50_000; i++) {
      String pattern = word(random, "ab*", 6);
      String value = word(random, "ab", 8);
      Pattern same = Pattern.compile(pattern.replace("*", ".*"));

      assertThat(new Glob(pattern).test(value))
          .as(pattern + " on " + value)
          .isEqualTo(same.matcher(value).matches());
    }
  }

  private static String word(Random random, String letters, int most) {
    StringBuilder word = new StringBuilder();
    for (int length = random.nextInt(most + 1); length > 0; length--) {
      word.append(letters.charAt(random.nextInt(letters.length())));
    }
    return word.toString();
  }

  @ParameterizedTest
  @CsvSource({"*-*-*-prod,-", "*a*a*a*a*b,a", "*a*a*a*a*a*a*a*a*a*a*a*b,a", "a*aaaaaaaaaaaaab*a,a"})
  void aLongValueIsMatchedAtOnce(String pattern, String letter) {
    String value = letter.repeat(1_000_000);
    long begin = System.nanoTime();

    assertThat(new Glob(pattern).test(value)).isFalse();

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
  }
}
