// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.FactWriter;
import io.github.bedrockmeter.report.facts.Skipped;

/** Takes what was read, on the thread that reads. */
public interface FactSink {
  /** A call. */
  void call(CallFacts facts);

  /** What is no call. */
  void skipped(Skipped skipped);

  /** Into the tables. */
  static FactSink into(FactWriter writer) {
    return new FactSink() {
      @Override
      public void call(CallFacts facts) {
        writer.add(facts);
      }

      @Override
      public void skipped(Skipped skipped) {
        writer.add(skipped);
      }
    };
  }
}
