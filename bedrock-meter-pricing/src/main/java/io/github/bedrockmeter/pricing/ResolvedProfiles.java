// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.pricing.ProfileResolver.Answer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Remembers what a {@link ProfileResolver} answered. Each ARN is asked for once: callers that come
 * while the question is open wait for that one answer. No lock is held meanwhile. Thread-safe.
 */
final class ResolvedProfiles {
  /** Made when there is something to log: a program waits for its first catalogue. */
  private static final class Lazy {
    static final Log LOG = Log.to(LoggerFactory.getLogger(ResolvedProfiles.class));
  }

  /** Kept while the map has room; a profile is immutable, so a found answer never expires. */
  private record Kept(Answer answer, @Nullable Instant until) {}

  private final @Nullable ProfileResolver resolver;
  private final InstantSource clock;
  private final Duration forgetMissingAfter;
  private final @Nullable Cache<String, CompletableFuture<Kept>> answers;

  ResolvedProfiles(
      @Nullable ProfileResolver resolver,
      InstantSource clock,
      Duration forgetMissingAfter,
      int capacity) {
    this.resolver = resolver;
    this.clock = clock;
    this.forgetMissingAfter = forgetMissingAfter;
    this.answers =
        resolver == null
            ? null
            : Caffeine.newBuilder().maximumSize(capacity).executor(Runnable::run).build();
  }

  boolean canAsk() {
    return resolver != null;
  }

  Answer resolve(String arn) {
    if (resolver == null || answers == null) {
      return new Answer.Missing(
          "'%s' does not show its model; map it with alias(..) or configure a ProfileResolver"
              .formatted(arn));
    }
    while (true) {
      CompletableFuture<Kept> mine = new CompletableFuture<>();
      CompletableFuture<Kept> known = answers.asMap().putIfAbsent(arn, mine);
      if (known == null) {
        try {
          mine.complete(ask(resolver, arn));
        } finally {
          // After an Error there is no answer, and other callers must not wait for ever.
          mine.complete(
              new Kept(
                  new Answer.Missing("'" + arn + "' could not be resolved: its resolver failed"),
                  null));
        }
        return mine.join().answer();
      }
      Kept kept = known.join();
      if (kept.until() == null || clock.instant().isBefore(kept.until())) {
        return kept.answer();
      }
      answers.asMap().remove(arn, known);
    }
  }

  private Kept ask(ProfileResolver asked, String arn) {
    Answer answer;
    try {
      answer = asked.resolve(arn);
    } catch (RuntimeException failed) {
      answer = new Answer.Missing("'%s' could not be resolved: %s".formatted(arn, failed));
    }
    if (answer instanceof Answer.Missing missing) {
      Lazy.LOG.warn(
          "{}; calls through it are unpriced, asking again in {}",
          missing.reason(),
          forgetMissingAfter);
      return new Kept(answer, clock.instant().plus(forgetMissingAfter));
    }
    return new Kept(answer, null);
  }
}
