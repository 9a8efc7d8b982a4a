// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Grant;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.text.Escaped;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads the budgets of one file, one after the other. Confined to one thread. */
final class BudgetReader {
  private static final BigDecimal BEYOND_ANY_MODE = BigDecimal.valueOf(100);

  private final Problems problems;
  private final Values values;
  private final Map<String, Node.Position> names = new HashMap<>();

  BudgetReader(Problems problems) {
    this.problems = problems;
    this.values = new Values(problems);
  }

  /** A budget; null if there are problems with it. */
  @Nullable Budget read(Node node) {
    int before = problems.count();
    Fields fields =
        Fields.of(
            node,
            problems,
            "name",
            "limit",
            "window",
            "per",
            "perModel",
            "when",
            "limits",
            "warnAt",
            "mode",
            "unknownPrice",
            "onShortfall",
            "leastOutputTokens",
            "requireMaxTokens",
            "defaultMaxTokens",
            "requireBound",
            "fallback",
            "waitUpTo",
            "grants",
            "frozen");
    if (fields == null) {
      return null;
    }
    // The other keys are checked even if the name is missing.
    String name = name(fields.required("name", "tenant-daily"));
    Budget.Builder builder = Budget.named(name);
    Amount limit = read(fields.required("limit", "25.00 USD"), values::amount);
    if (limit != null) {
      builder.limit(limit);
    }
    set(fields.required("window", "daily in UTC"), values::window, builder::window);
    set(fields.get("when"), this::when, builder::when);
    Budget.Mode mode = read(fields.get("mode"), word(Budget.Mode.class));
    if (mode != null) {
      builder.mode(mode);
    }
    set(
        fields.get("warnAt"),
        shares ->
            values.list(
                shares, mode == Budget.Mode.OBSERVE ? values::share : this::shareOfTheLimit),
        shares -> builder.warnAt(shares.stream().mapToDouble(BigDecimal::doubleValue).toArray()));
    set(fields.get("unknownPrice"), word(Budget.UnknownPrice.class), builder::unknownPrice);
    set(fields.get("onShortfall"), word(Budget.OnShortfall.class), builder::onShortfall);
    set(fields.get("leastOutputTokens"), values::count, builder::leastOutputTokens);
    flag(fields.get("requireMaxTokens"), builder::requireMaxTokens);
    set(fields.get("defaultMaxTokens"), values::count, builder::defaultMaxTokens);
    flag(fields.get("requireBound"), builder::requireBound);
    set(fields.get("fallback"), this::fallback, fallback -> fallback.accept(builder));
    set(fields.get("waitUpTo"), values::duration, builder::waitUpTo);
    Budget balances = balances(name, fields, builder);
    if (balances != null) {
      set(fields.get("limits"), limits -> limits(limits, balances, limit), builder::limits);
      set(
          fields.get("grants"),
          grants -> values.list(grants, grant -> grant(grant, balances, limit)),
          grants -> grants.forEach(builder::grant));
      set(
          fields.get("frozen"),
          frozen -> frozen(frozen, balances),
          frozen -> frozen.forEach(builder::freeze));
    }
    return problems.count() > before ? null : read(node, at -> builder.build());
  }

  /** Settled spending passes the limit in OBSERVE alone, so a larger share is a mistake. */
  private @Nullable BigDecimal shareOfTheLimit(Node node) {
    BigDecimal share = values.share(node);
    if (share == null
        || share.compareTo(BigDecimal.ONE) <= 0
        || share.compareTo(BEYOND_ANY_MODE) > 0) { // which the builder refuses
      return share;
    }
    problems.add(
        node.at(),
        node
            + " is more than the limit, which is 1; write 80 % as 0.8"
            + " (only mode: observe counts beyond the limit)");
    return null;
  }

  private String name(@Nullable Node node) {
    String name = read(node, values::text);
    if (node == null || name == null) {
      return "unnamed";
    }
    Node.Position other = names.putIfAbsent(name, node.at());
    if (other != null) {
      problems.add(
          node.at(),
          "two budgets are named '" + Escaped.text(name) + "'; the first on line " + other.line());
    }
    return name;
  }

  /** Sets what is off unless it is true. */
  private void flag(@Nullable Node node, Runnable setter) {
    set(
        node,
        values::flag,
        on -> {
          if (on) {
            setter.run();
          }
        });
  }

  /** Reads a value, if there is one, and passes it to the setter. */
  private <T> void set(
      @Nullable Node node, Function<Node, @Nullable T> reader, Consumer<T> setter) {
    read(
        node,
        at -> {
          T value = reader.apply(at);
          if (value != null) {
            setter.accept(value);
          }
          return value;
        });
  }

  /**
   * Reads a value, if there is one; an exception of the budget API is a problem at its position.
   */
  private <T> @Nullable T read(@Nullable Node node, Function<Node, @Nullable T> reader) {
    if (node == null) {
      return null;
    }
    try {
      return reader.apply(node);
    } catch (IllegalArgumentException | IllegalStateException refused) {
      problems.add(node.at(), String.valueOf(refused.getMessage()));
      return null;
    }
  }

  private <E extends Enum<E>> Function<Node, @Nullable E> word(Class<E> type) {
    return node -> values.word(node, type);
  }

  /**
   * Sets what the budget counts per. Scopes must be checked before the budget can be built, since
   * they are part of it: returns a budget of the same name and balances that checks them, or null
   * if there is a problem with {@code per} or {@code perModel}.
   */
  private @Nullable Budget balances(String name, Fields fields, Budget.Builder builder) {
    int before = problems.count();
    Budget.Builder balances =
        Budget.named(name).limit(Amount.requests(1)).window(Window.lifetime());
    Node per = fields.get("per");
    set(
        per,
        values::texts,
        given -> {
          String[] tags = given.toArray(String[]::new);
          builder.per(tags);
          balances.per(tags);
        });
    Node perModel = fields.get("perModel");
    if (Boolean.TRUE.equals(read(perModel, values::flag))) {
      builder.perModel();
      balances.perModel();
    }
    if (problems.count() > before) {
      return null;
    }
    return perModel == null ? balances.build() : read(perModel, at -> balances.build());
  }

  private @Nullable Predicate<MeteredCall> when(Node node) {
    Fields fields = Fields.of(node, problems, "tags", "models");
    if (fields == null) {
      return null;
    }
    List<Predicate<MeteredCall>> all = new ArrayList<>();
    set(
        fields.get("models"),
        this::pattern,
        models -> all.add(call -> models.test(call.modelId())));
    set(
        fields.get("tags"),
        tags -> values.entries(tags, "a mapping, as {env: prod}"),
        tags ->
            tags.forEach(
                (tag, entry) ->
                    set(
                        entry.value(),
                        this::pattern,
                        pattern -> all.add(call -> matches(pattern, call.tags().get(tag))))));
    return all.stream().reduce(Predicate::and).orElseGet(() -> call -> true);
  }

  private static boolean matches(Predicate<String> pattern, @Nullable String value) {
    return value != null && pattern.test(value);
  }

  /** One pattern or several, of which one must match; a star stands for any characters. */
  private @Nullable Predicate<String> pattern(Node node) {
    List<String> texts = values.texts(node);
    if (texts == null) {
      return null;
    }
    List<Glob> globs = texts.stream().map(Glob::new).toList();
    return value -> {
      for (Glob glob : globs) {
        if (glob.test(value)) {
          return true;
        }
      }
      return false;
    };
  }

  private @Nullable Consumer<Budget.Builder> fallback(Node node) {
    Fields fields = Fields.of(node, problems, "model", "atShare");
    if (fields == null) {
      return null;
    }
    String model = read(fields.required("model", "amazon.nova-lite-v1:0"), values::text);
    BigDecimal share = read(fields.get("atShare"), this::shareOfTheLimit);
    if (model == null) {
      return null;
    }
    return share == null
        ? builder -> builder.fallback(model)
        : builder -> builder.fallbackAt(share.doubleValue(), model);
  }

  private Map<String, Amount> limits(Node node, Budget balances, @Nullable Amount limit) {
    Map<String, Amount> limits = new LinkedHashMap<>();
    values
        .entries(node, "a mapping, as {team=search: 100.00 USD}")
        .forEach(
            (scope, entry) -> {
              if (scope.isEmpty() && isWholeBudget(balances)) {
                problems.add(
                    entry.keyAt(), "the budget has one balance, whose limit is given as 'limit'");
              } else if (checkScope(entry.keyAt(), scope, balances)) {
                set(entry.value(), own -> sameUnit(own, limit), own -> limits.put(scope, own));
              }
            });
    return limits;
  }

  private static boolean isWholeBudget(Budget balances) {
    return balances.tagNames().isEmpty() && !balances.perModel();
  }

  /** Whether a budget has a scope; a problem is added if it does not. */
  private boolean checkScope(Node.Position at, String scope, Budget balances) {
    try {
      balances.scope(scope);
      return true;
    } catch (IllegalArgumentException refused) {
      problems.add(at, String.valueOf(refused.getMessage()));
      return false;
    }
  }

  private @Nullable Amount sameUnit(Node node, @Nullable Amount limit) {
    Amount amount = values.amount(node);
    return amount != null && limit != null && amount.unit() != limit.unit()
        ? problems.refuse(node, "in the unit of the limit, " + limit)
        : amount;
  }

  private @Nullable Grant grant(Node node, Budget balances, @Nullable Amount limit) {
    Fields fields = Fields.of(node, problems, "scope", "extra", "until", "reason");
    if (fields == null) {
      return null;
    }
    Node scopeNode = fields.get("scope");
    String scope = scopeNode == null ? "" : read(scopeNode, values::text);
    if (scope != null) {
      checkScope(scopeNode == null ? node.at() : scopeNode.at(), scope, balances);
    }
    Amount extra = read(fields.required("extra", "50.00 USD"), own -> sameUnit(own, limit));
    Instant until = read(fields.required("until", "2026-11-27T18:00:00+01:00"), values::instant);
    String reason = read(fields.required("reason", "launch week"), values::text);
    return scope == null || extra == null || until == null || reason == null
        ? null
        : new Grant(scope, extra, until, reason);
  }

  private Map<String, String> frozen(Node node, Budget balances) {
    Map<String, String> frozen = new LinkedHashMap<>();
    values
        .entries(node, "a mapping of scopes to reasons, as {team=search: runaway job}")
        .forEach(
            (scope, entry) -> {
              if (scope.isEmpty() || checkScope(entry.keyAt(), scope, balances)) {
                set(entry.value(), values::text, reason -> frozen.put(scope, reason));
              }
            });
    return frozen;
  }
}
