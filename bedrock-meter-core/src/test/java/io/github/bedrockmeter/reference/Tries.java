// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where calls that waited stand before they try again, so that nobody tries while the driver is at
 * work. Thread-safe.
 */
final class Tries {
  private final Set<Integer> standing = new HashSet<>();
  private final Set<Integer> passing = new HashSet<>();
  private boolean over;

  /** Waits a moment, or until somebody arrives; who waits here looks again. */
  @SuppressWarnings("WaitNotInLoop")
  synchronized void awaitSomething() {
    try {
      wait(1);
    } catch (InterruptedException never) {
      throw new AssertionError(never);
    }
  }

  synchronized void await(int number) {
    standing.add(number);
    notifyAll();
    while (!over && !passing.remove(number)) {
      try {
        wait();
      } catch (InterruptedException never) {
        throw new AssertionError(never);
      }
    }
    standing.remove(number);
  }

  synchronized void pass(int number) {
    if (standing.contains(number)) {
      passing.add(number);
      notifyAll();
    }
  }

  /** Lets all pass but one, if there is one; answers whether that one stands here. */
  synchronized boolean passAllBut(@Nullable Integer number) {
    standing.stream().filter(other -> !other.equals(number)).forEach(passing::add);
    notifyAll();
    return number != null && standing.contains(number) && !passing.contains(number);
  }

  synchronized void end() {
    over = true;
    notifyAll();
  }
}
