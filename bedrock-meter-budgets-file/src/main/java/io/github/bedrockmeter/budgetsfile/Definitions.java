// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.budget.Budget;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads a whole file of budgets. Stateless. */
final class Definitions {
  private Definitions() {}

  /**
   * The budgets of a file, in its order, by their definitions: two that differ only in layout have
   * equal keys.
   *
   * @throws BudgetsFileException if it contains a mistake
   */
  static Map<Object, Budget> parse(Path file, boolean yaml, String text) {
    Problems problems = new Problems();
    Node root = Document.parse(text, yaml, problems);
    Map<Object, Budget> budgets = root == null ? Map.of() : budgets(root, problems);
    problems.throwIfAny(file);
    return budgets;
  }

  private static Map<Object, Budget> budgets(Node root, Problems problems) {
    Map<Object, Budget> budgets = new LinkedHashMap<>();
    Fields fields = Fields.of(root, problems, "budgets");
    Node list = fields == null ? null : fields.required("budgets", "[{name: ...}, ...]");
    if (list instanceof Node.Sequence sequence) {
      BudgetReader reader = new BudgetReader(problems);
      for (Node node : sequence.items()) {
        Budget budget = reader.read(node);
        if (budget != null) {
          budgets.put(node.plain(), budget);
        }
      }
    } else if (list != null) {
      problems.refuse(list, "a list of budgets");
    }
    return budgets;
  }
}
