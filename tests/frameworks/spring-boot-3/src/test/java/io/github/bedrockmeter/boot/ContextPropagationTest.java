// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.spring.tags.TagDefinitions;
import io.github.bedrockmeter.spring.tags.TagsAccessor;
import io.github.bedrockmeter.spring.tags.ThreadTags;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;

/** Micrometer's context propagation takes tags along, and leaves none behind. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ContextPropagationTest {
  private static final Tags ANN = Tags.of("user", "ann");

  private final ThreadTags tags = new ThreadTags(TagDefinitions.of(Map.of("user", "#{mdc.user}")));
  private final TagsAccessor accessor = TagsAccessor.registered(tags);
  private final ExecutorService other = Executors.newSingleThreadExecutor();

  @AfterEach
  void close() {
    accessor.destroy();
    other.shutdownNow();
    MDC.clear();
  }

  private static ContextSnapshot captured() {
    return ContextSnapshotFactory.builder().build().captureAll();
  }

  private Tags onOther(Callable<Tags> task) throws Exception {
    return other.submit(task).get(30, TimeUnit.SECONDS);
  }

  @Test
  void whatTheThreadKnowsIsCarriedAndEndsWithTheTask() throws Exception {
    MDC.put("user", "ann");
    Callable<Tags> carried = captured().wrap(BedrockMeter::currentTags);

    assertThat(onOther(carried)).isEqualTo(ANN);
    assertThat(onOther(BedrockMeter::currentTags)).isEqualTo(Tags.none());
  }

  @Test
  void aTaskWithoutTagsHasNotThoseOfTheTaskBefore() throws Exception {
    Callable<Tags> none = captured().wrap(BedrockMeter::currentTags);
    MDC.put("user", "ann");
    Callable<Tags> anns = captured().wrap(BedrockMeter::currentTags);

    assertThat(onOther(anns)).isEqualTo(ANN);
    assertThat(onOther(none)).isEqualTo(Tags.none());
  }

  @Test
  void onTheThreadThatWasCapturedNothingStays() {
    MDC.put("user", "ann");
    ContextSnapshot anns = captured();
    MDC.put("user", "bob");

    try (ContextSnapshot.Scope scope = anns.setThreadLocals()) {
      assertThat(scope).isNotNull();
      assertThat(BedrockMeter.currentTags()).isEqualTo(ANN);
      try (ContextSnapshot.Scope inner = captured().setThreadLocals()) {
        assertThat(inner).isNotNull();
        assertThat(BedrockMeter.currentTags()).isEqualTo(ANN);
      }
    }

    // What the thread knows by itself must not have become a scope, which no code would close.
    assertThat(BedrockMeter.currentTags()).isEqualTo(Tags.none());
    assertThat(tags.toCarry()).isEqualTo(Tags.of("user", "bob"));
  }

  @Test
  void aScopeOfTheThreadIsAsItWas() {
    try (BedrockMeter.Scope own = BedrockMeter.openScope(Tags.of("user", "eve"))) {
      assertThat(own).isNotNull();
      MDC.put("user", "ann");
      try (ContextSnapshot.Scope scope = captured().setThreadLocals()) {
        assertThat(scope).isNotNull();
        assertThat(BedrockMeter.currentTags()).isEqualTo(Tags.of("user", "eve"));
      }
      assertThat(BedrockMeter.currentTags()).isEqualTo(Tags.of("user", "eve"));
    }
    assertThat(BedrockMeter.currentTags()).isEqualTo(Tags.none());
  }

  @Test
  void theContextBeforeIsUsedAgainWhenTheLastOneEnds() {
    TagsAccessor second =
        TagsAccessor.registered(new ThreadTags(TagDefinitions.of(Map.of("env", "#{mdc.user}"))));
    MDC.put("user", "ann");
    assertThat(tagsIn(captured())).isEqualTo(Tags.of("env", "ann"));

    second.destroy();

    assertThat(tagsIn(captured())).isEqualTo(ANN);
  }

  private static Tags tagsIn(ContextSnapshot snapshot) {
    try (ContextSnapshot.Scope scope = snapshot.setThreadLocals()) {
      assertThat(scope).isNotNull();
      return BedrockMeter.currentTags();
    }
  }
}
