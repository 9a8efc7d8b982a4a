// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budgetsfile.BudgetsFile;
import io.github.bedrockmeter.budgetsfile.BudgetsFileException;
import io.github.bedrockmeter.spring.InvalidPropertiesException.Problem;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Budgets in properties, read as a budgets file is, so that both know the same values. They become
 * a JSON text with one property on each line; the line of a mistake is then the property's name.
 */
final class InlineBudgets {
  private static final Path NAME = Path.of("budgets.json");

  private final StringBuilder text = new StringBuilder();
  private final List<String> properties = new ArrayList<>();

  private InlineBudgets() {}

  /**
   * The budgets, in their order.
   *
   * @param mode of the budgets that have none of their own; null for the library's default
   * @throws InvalidPropertiesException if there are mistakes, with all of them
   */
  static List<Budget> of(Map<String, BudgetProperties> budgets, Budget.@Nullable Mode mode) {
    InlineBudgets inline = new InlineBudgets();
    String prefix = BedrockMeterProperties.PREFIX + ".budgets";
    inline.line("{\"budgets\":[", prefix);
    String comma = "";
    for (Map.Entry<String, BudgetProperties> budget : budgets.entrySet()) {
      inline.line(comma, prefix);
      inline.write(
          prefix + element(budget.getKey()), tree(budget.getKey(), budget.getValue(), mode));
      comma = ",";
    }
    inline.line("]}", prefix);
    return inline.parsed();
  }

  private List<Budget> parsed() {
    try {
      return BudgetsFile.parse(NAME, text.toString());
    } catch (BudgetsFileException refused) {
      List<Problem> problems =
          refused.problems().stream()
              .map(at -> new Problem(properties.get(at.line() - 1), at.message()))
              .toList();
      throw new InvalidPropertiesException(problems, refused);
    }
  }

  private static Map<String, Object> tree(
      String name, BudgetProperties budget, Budget.@Nullable Mode mode) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", name);
    put(tree, "limit", budget.limit());
    put(tree, "window", budget.window());
    put(tree, "per", budget.per());
    put(tree, "perModel", budget.perModel());
    BudgetProperties.When when = budget.when();
    if (when != null) {
      Map<String, Object> conditions = new LinkedHashMap<>();
      put(conditions, "models", when.models());
      put(conditions, "tags", when.tags());
      tree.put("when", conditions);
    }
    put(tree, "limits", budget.limits());
    put(tree, "warnAt", budget.warnAt());
    put(tree, "mode", budget.mode() == null ? mode : budget.mode());
    put(tree, "unknownPrice", budget.unknownPrice());
    put(tree, "onShortfall", budget.onShortfall());
    put(tree, "leastOutputTokens", budget.leastOutputTokens());
    put(tree, "requireMaxTokens", budget.requireMaxTokens());
    put(tree, "defaultMaxTokens", budget.defaultMaxTokens());
    put(tree, "requireBound", budget.requireBound());
    BudgetProperties.Fallback fallback = budget.fallback();
    if (fallback != null) {
      Map<String, Object> model = new LinkedHashMap<>();
      put(model, "model", fallback.model());
      put(model, "atShare", fallback.atShare());
      tree.put("fallback", model);
    }
    put(tree, "waitUpTo", budget.waitUpTo());
    if (budget.grants() != null) {
      tree.put("grants", budget.grants().stream().map(InlineBudgets::tree).toList());
    }
    put(tree, "frozen", budget.frozen());
    return tree;
  }

  private static Map<String, Object> tree(BudgetProperties.Grant grant) {
    Map<String, Object> tree = new LinkedHashMap<>();
    put(tree, "scope", grant.scope());
    put(tree, "extra", grant.extra());
    put(tree, "until", grant.until());
    put(tree, "reason", grant.reason());
    return tree;
  }

  private static void put(Map<String, Object> tree, String key, @Nullable Object value) {
    if (value != null) {
      tree.put(key, value);
    }
  }

  private void write(String property, Object value) {
    if (value instanceof Map<?, ?> map) {
      line("{", property);
      String comma = "";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        String key = String.valueOf(entry.getKey());
        String of = key.equals("name") ? property : property + element(key);
        line(comma + quoted(key) + ":", of);
        write(of, entry.getValue());
        comma = ",";
      }
      line("}", property);
    } else if (value instanceof Collection<?> list) {
      line("[", property);
      int i = 0;
      for (Object item : list) {
        line(i == 0 ? "" : ",", property);
        write(property + "[" + i++ + "]", item);
      }
      line("]", property);
    } else {
      line(scalar(value), property);
    }
  }

  private void line(String json, String property) {
    text.append(json).append('\n');
    properties.add(property);
  }

  private static String scalar(Object value) {
    if (value instanceof BigDecimal number) {
      return number.toPlainString();
    }
    if (value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    return quoted(value instanceof Enum<?> constant ? word(constant) : value.toString());
  }

  /** As a budgets file writes it: {@code fitOutput}. */
  private static String word(Enum<?> constant) {
    StringBuilder word = new StringBuilder();
    for (String part : constant.name().toLowerCase(Locale.ROOT).split("_", -1)) {
      word.append(
          word.isEmpty()
              ? part
              : part.substring(0, 1).toUpperCase(Locale.ROOT) + part.substring(1));
    }
    return word.toString();
  }

  private static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }

  /** As it is written in a property's name: {@code .warn-at}, {@code [tenant=acme]}. */
  private static String element(String key) {
    return key.matches("[a-zA-Z][a-zA-Z0-9-]*")
        ? "." + key.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT)
        : "[" + key + "]";
  }
}
