// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.apps.agent;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One run of the agent, as the page shows it. Thread-safe. */
final class Run {
  private final String id;
  private final List<String> steps = new ArrayList<>();
  private BigDecimal usd = BigDecimal.ZERO;
  private @Nullable String end;

  Run(String id) {
    this.id = id;
  }

  String id() {
    return id;
  }

  /** A call of the run has ended. */
  synchronized void step(String what, BigDecimal cost) {
    steps.add(what);
    usd = usd.add(cost);
  }

  /** The run has ended. */
  synchronized void ended(String how) {
    end = how;
  }

  synchronized boolean hasEnded() {
    return end != null;
  }

  synchronized int calls() {
    return steps.size();
  }

  synchronized BigDecimal usd() {
    return usd;
  }

  synchronized String end() {
    return end == null ? "runs" : end;
  }

  synchronized List<String> steps() {
    return List.copyOf(steps);
  }
}
