// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.internal.support.Failures;
import org.jspecify.annotations.Nullable;

/** What is known of the attempts that the SDK made at one call. Thread-safe. */
interface Sight {
  /** Nothing is known but how the call failed. */
  Sight NONE =
      new Sight() {
        @Override
        public Sent sent() {
          return Sent.INFERRED;
        }

        @Override
        public @Nullable AttemptFacts facts(boolean streams) {
          return null;
        }

        @Override
        public int billed(Throwable failure) {
          return Failures.mayHaveBeenBilled(failure) ? 1 : 0;
        }
      };

  /** Whether sending was seen, or is inferred. */
  Sent sent();

  /**
   * How often the SDK tried, and how many attempts besides the one that was answered, or failed
   * last, may have been billed; null if that is unknown.
   *
   * @param streams whether attempts that began to answer are accounted for by the stream's reading
   */
  @Nullable AttemptFacts facts(boolean streams);

  /** How many attempts at a call that failed may have been billed. */
  int billed(Throwable failure);
}
