// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.budgetsfile.BudgetsFileException.Problem;
import io.github.bedrockmeter.internal.text.Escaped;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The problems found in a file, which is read to its end whatever they are. Confined to one thread.
 */
final class Problems {
  private static final int LONGEST = 2_000;

  private final List<Problem> found = new ArrayList<>();

  void add(Node.Position at, String message) {
    found.add(new Problem(at.line(), at.column(), Escaped.text(message, LONGEST)));
  }

  /** Adds that a value is not of the expected form; returns null, to be returned as the value. */
  @SuppressWarnings("TypeParameterUnusedInFormals") // No cast is hidden: it is always null.
  <T> @Nullable T refuse(Node node, String expected) {
    add(node.at(), node + " is not " + expected);
    return null;
  }

  int count() {
    return found.size();
  }

  void throwIfAny(Path file) {
    if (!found.isEmpty()) {
      found.sort(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column));
      throw new BudgetsFileException(file, found);
    }
  }
}
