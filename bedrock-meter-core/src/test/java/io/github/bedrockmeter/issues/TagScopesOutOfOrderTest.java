// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.*;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.testkit.CannedBedrock;
import org.junit.jupiter.api.Test;

/** Scopes of tags that are closed out of order, or twice, must not stay on the thread. */
class TagScopesOutOfOrderTest {
  private static Tags seen() {
    RecordingListener listener = new RecordingListener();
    BedrockMeter.builder()
        .listener(listener)
        .build()
        .wrap(CannedBedrock.client())
        .converse(r -> r.modelId("m"));
    return listener.usage().call().tags();
  }

  @Test
  void scopesClosedOutOfOrderLeaveNothing() {
    BedrockMeter.Scope outer = BedrockMeter.openScope(Tags.of("tenant", "a"));
    BedrockMeter.Scope inner = BedrockMeter.openScope(Tags.of("user", "u"));
    outer.close();
    inner.close();
    assertThat(seen()).isEqualTo(Tags.none());
  }

  @Test
  void closingTwiceChangesNothing() {
    BedrockMeter.Scope outer = BedrockMeter.openScope(Tags.of("tenant", "a"));
    BedrockMeter.Scope inner = BedrockMeter.openScope(Tags.of("user", "u"));
    inner.close();
    outer.close();
    inner.close();
    assertThat(seen()).isEqualTo(Tags.none());
  }
}
