// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.util.AbstractList;
import java.util.List;

/** What settlements did, made into records only when a caller reads them. Thread-safe. */
final class SettledSteps extends AbstractList<Settled> {
  private final List<Hold> holds;
  private final long[] steps;

  SettledSteps(List<Hold> holds, long[] steps) {
    this.holds = holds;
    this.steps = steps;
  }

  @Override
  public Settled get(int index) {
    return new Settled(holds.get(index).account(), steps[2 * index], steps[2 * index + 1]);
  }

  @Override
  public int size() {
    return steps.length / 2;
  }
}
