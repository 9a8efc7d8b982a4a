// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.MeteredCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Denies calls that lack a tag, or have one with a value that is not allowed. Thread-safe. */
public final class TagRules implements BudgetPolicy {
  private final Map<String, Rule> rules;

  /**
   * What is asked of one tag.
   *
   * @param required whether a call must have it
   * @param allowed the values it may have; empty if any
   */
  public record Rule(boolean required, Set<String> allowed) {}

  /** Rules by tag, in the order they are reported in. */
  public TagRules(Map<String, Rule> rules) {
    this.rules = new LinkedHashMap<>(rules);
  }

  @Override
  public BudgetDecision reserve(MeteredCall call) {
    @Nullable List<String> missing = null;
    @Nullable List<String> wrong = null;
    for (Map.Entry<String, Rule> entry : rules.entrySet()) {
      String value = call.tags().get(entry.getKey());
      Rule rule = entry.getValue();
      if (value == null || value.isBlank()) {
        if (rule.required()) {
          missing = with(missing, entry.getKey() + oneOf(rule));
        }
      } else if (!rule.allowed().isEmpty() && !rule.allowed().contains(value)) {
        wrong = with(wrong, entry.getKey() + " is '" + value + "'" + oneOf(rule));
      }
    }
    if (missing == null && wrong == null) {
      return BudgetDecision.granted();
    }
    StringBuilder reason = new StringBuilder();
    if (missing != null) {
      reason.append("the call must have the tags ").append(String.join(", ", missing));
    }
    if (wrong != null) {
      reason.append(missing == null ? "" : "; ").append(String.join(", ", wrong));
    }
    return BudgetDecision.denied(
        missing != null ? DenialKind.TAG_MISSING : DenialKind.TAG_REFUSED,
        "required tags",
        reason.append("; see BedrockMeter.tags").toString());
  }

  private static List<String> with(@Nullable List<String> list, String element) {
    List<String> longer = list == null ? new ArrayList<>() : list;
    longer.add(element);
    return longer;
  }

  private static String oneOf(Rule rule) {
    return rule.allowed().isEmpty() ? "" : " (one of " + String.join(", ", rule.allowed()) + ")";
  }
}
