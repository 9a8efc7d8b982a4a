// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {
  private static final List<String> KNOWN = List.of("window", "limit", "tokensPerMinute");

  @Test
  void misspeltNameHasANearestOne() {
    assertThat(NearestName.of("widnow", KNOWN)).contains("window");
    assertThat(NearestName.of("LIMITS", KNOWN)).contains("limit");
    assertThat(NearestName.of("tokenPerMinutes", KNOWN)).contains("tokensPerMinute");
    assertThat(NearestName.hint("widnow", KNOWN)).isEqualTo("; did you mean 'window'?");
  }

  @Test
  void farNameHasNone() {
    assertThat(NearestName.of("budget", KNOWN)).isEmpty();
    assertThat(NearestName.of("", KNOWN)).isEmpty();
    assertThat(NearestName.of("ab", List.of("cd"))).isEmpty();
    assertThat(NearestName.hint("budget", KNOWN)).isEmpty();
  }
}
