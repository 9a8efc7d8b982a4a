// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.Skipped;

/**
 * A failure of the place where facts go. It is no exception, so that what is read, and may be
 * damaged in any way, is never mistaken for it; {@link LogFile} takes it off again.
 */
final class SinkFailure extends Error {
  private static final long serialVersionUID = 1L;

  private final RuntimeException failure;

  private SinkFailure(RuntimeException failure) {
    super(failure);
    this.failure = failure;
  }

  /** A sink whose failures pass through every reader. */
  static FactSink passing(FactSink sink) {
    return new FactSink() {
      @Override
      public void call(CallFacts facts) {
        try {
          sink.call(facts);
        } catch (RuntimeException refused) {
          throw new SinkFailure(refused);
        }
      }

      @Override
      public void skipped(Skipped skipped) {
        try {
          sink.skipped(skipped);
        } catch (RuntimeException refused) {
          throw new SinkFailure(refused);
        }
      }
    };
  }

  /** The failure as the sink threw it. */
  RuntimeException failure() {
    return failure;
  }
}
