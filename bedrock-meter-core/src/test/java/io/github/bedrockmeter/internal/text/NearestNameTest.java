// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {
  private static final List<String> KNOWN = List.of("window", "limit", "tokensPerMinute");

  @Test
  void misspeltNameHasANearestOne() {
    assertThat(NearestName.to("widnow", KNOWN)).contains("window");
    assertThat(NearestName.to("LIMITS", KNOWN)).contains("limit");
    assertThat(NearestName.to("tokenPerMinutes", KNOWN)).contains("tokensPerMinute");
    assertThat(NearestName.hint("widnow", KNOWN)).isEqualTo(" (did you mean 'window'?)");
  }

  @Test
  void farNameHasNone() {
    assertThat(NearestName.to("budget", KNOWN)).isEmpty();
    assertThat(NearestName.to("", KNOWN)).isEmpty();
    assertThat(NearestName.to("ab", List.of("cd"))).isEmpty();
    assertThat(NearestName.hint("budget", KNOWN)).isEmpty();
  }
}
