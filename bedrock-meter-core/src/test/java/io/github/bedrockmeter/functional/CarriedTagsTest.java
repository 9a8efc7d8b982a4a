// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static io.github.bedrockmeter.functional.Scene.CLAUDE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.call.Tags;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tags of scopes, and the threads of an application. */
class CarriedTagsTest {
  private static final Tags ACME = Tags.of("tenant", "acme");

  private final Scene scene = Scene.unlimited();
  private final ExecutorService pool = Executors.newSingleThreadExecutor();

  @AfterEach
  void close() {
    pool.shutdownNow();
    scene.close();
  }

  private void call() {
    scene.client.converse(Scene.converse(CLAUDE, 20));
  }

  private Tags tagsOfTheCall() {
    return scene.listener.usage().call().tags();
  }

  @Test
  void theCurrentTagsAreThoseOfTheOpenScopes() {
    assertThat(BedrockMeter.currentTags()).isEqualTo(Tags.none());
    try (BedrockMeter.Scope outer = BedrockMeter.openScope(ACME);
        BedrockMeter.Scope inner = BedrockMeter.openScope(Tags.of("user", "ann"))) {
      assertThat(inner).isNotSameAs(outer);
      assertThat(BedrockMeter.currentTags()).isEqualTo(Tags.of("tenant", "acme", "user", "ann"));
    }
    assertThat(BedrockMeter.currentTags()).isEqualTo(Tags.none());
  }

  @Test
  void replacedTagsStandAloneUntilTheScopeIsClosed() {
    try (BedrockMeter.Scope outer = BedrockMeter.openScope(ACME)) {
      try (BedrockMeter.Scope inner = BedrockMeter.replaceTags(Tags.of("user", "ann"))) {
        assertThat(inner).isNotSameAs(outer);
        assertThat(BedrockMeter.currentTags()).isEqualTo(Tags.of("user", "ann"));
      }
      try (BedrockMeter.Scope inner = BedrockMeter.replaceTags(Tags.none())) {
        assertThat(inner).isNotSameAs(outer);
        assertThat(BedrockMeter.currentTags()).isEqualTo(Tags.none());
      }
      assertThat(BedrockMeter.currentTags()).isEqualTo(ACME);
    }
  }

  @Test
  void aRunnableCarriesTheTagsItWasMadeWith() throws Exception {
    Runnable task;
    try (BedrockMeter.Scope open = BedrockMeter.openScope(ACME)) {
      assertThat(open).isNotNull();
      task = BedrockMeter.carryTags(this::call);
    }

    pool.submit(task).get();

    assertThat(tagsOfTheCall()).isEqualTo(ACME);
    assertThat(pool.submit(BedrockMeter::currentTags).get()).isEqualTo(Tags.none());
  }

  @Test
  void aCallableCarriesTheTagsItWasMadeWithAndNoOthers() throws Exception {
    FutureTask<Tags> task;
    try (BedrockMeter.Scope open = BedrockMeter.openScope(ACME)) {
      assertThat(open).isNotNull();
      task = new FutureTask<>(BedrockMeter.carryTags(BedrockMeter::currentTags));
    }

    pool.submit(
            () -> {
              try (BedrockMeter.Scope stale = BedrockMeter.openScope(Tags.of("user", "bob"))) {
                task.run();
                assertThat(stale).isNotNull();
                assertThat(BedrockMeter.currentTags()).isEqualTo(Tags.of("user", "bob"));
              }
            })
        .get();

    assertThat(task.get()).isEqualTo(ACME);
  }

  @Test
  void anExecutorCarriesTheTagsOfWhoeverSubmits() {
    Executor carrying = BedrockMeter.carryTags(pool);
    CompletableFuture<Void> tagged;
    try (BedrockMeter.Scope open = BedrockMeter.openScope(ACME)) {
      assertThat(open).isNotNull();
      tagged = CompletableFuture.runAsync(this::call, carrying);
    }
    CompletableFuture<Tags> untagged =
        CompletableFuture.supplyAsync(BedrockMeter::currentTags, carrying);

    Scene.await(tagged);

    assertThat(tagsOfTheCall()).isEqualTo(ACME);
    assertThat(Scene.await(untagged)).isEqualTo(Tags.none());
  }

  @Test
  void aTaskThatFailsLeavesNoTags() throws Exception {
    Runnable failing;
    try (BedrockMeter.Scope open = BedrockMeter.openScope(ACME)) {
      assertThat(open).isNotNull();
      failing =
          BedrockMeter.carryTags(
              (Runnable)
                  () -> {
                    throw new IllegalStateException("the task failed");
                  });
    }

    assertThatThrownBy(() -> pool.submit(failing).get()).hasRootCauseMessage("the task failed");
    assertThat(pool.submit(BedrockMeter::currentTags).get()).isEqualTo(Tags.none());
  }

  @Test
  void aScopeClosedOnAnotherThreadEndsForTheThreadThatOpenedIt() throws Exception {
    BedrockMeter.Scope open = pool.submit(() -> BedrockMeter.openScope(ACME)).get();
    assertThat(pool.submit(BedrockMeter::currentTags).get()).isEqualTo(ACME);

    open.close();

    assertThat(pool.submit(BedrockMeter::currentTags).get()).isEqualTo(Tags.none());
    pool.submit(this::call).get();
    assertThat(tagsOfTheCall()).isEqualTo(Tags.none());
  }

  @Test
  void anOuterScopeClosedOnAnotherThreadLeavesTheInnerOnesTags() throws Exception {
    BedrockMeter.Scope outer = pool.submit(() -> BedrockMeter.openScope(ACME)).get();
    BedrockMeter.Scope inner =
        pool.submit(() -> BedrockMeter.openScope(Tags.of("user", "ann"))).get();

    outer.close();
    assertThat(pool.submit(BedrockMeter::currentTags).get()).isEqualTo(Tags.of("user", "ann"));
    inner.close();
    outer.close();

    assertThat(pool.submit(BedrockMeter::currentTags).get()).isEqualTo(Tags.none());
  }

  @Test
  void aScopeOfAnotherThreadDoesNotTouchThisOnes() throws Exception {
    BedrockMeter.Scope others = pool.submit(() -> BedrockMeter.openScope(ACME)).get();
    try (BedrockMeter.Scope own = BedrockMeter.openScope(Tags.of("user", "ann"))) {
      assertThat(own).isNotNull();

      others.close();

      assertThat(BedrockMeter.currentTags()).isEqualTo(Tags.of("user", "ann"));
    }
  }
}
