// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Grant;
import io.github.bedrockmeter.call.MeteredCall;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the budgets of one file, one after the other. Confined to one thread. */
final class BudgetReader {
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
            "fallback",
            "waitUpTo",
            "grants",
            "frozen");
    if (fields == null) {
      return null;
    }
    // A budget that is still to be named has the rest of it checked all the same.
    Budget.Builder builder = Budget.named(name(fields.required("name", "tenant-daily")));
    Amount limit = read(fields.required("limit", "25.00 USD"), values::amount);
    if (limit != null) {
      builder.limit(limit);
    }
    set(fields.required("window", "daily in UTC"), values::window, builder::window);
    set(fields.get("when"), this::when, builder::when);
    set(
        fields.get("warnAt"),
        shares -> values.list(shares, values::share),
        shares -> builder.warnAt(shares.stream().mapToDouble(BigDecimal::doubleValue).toArray()));
    set(fields.get("mode"), word(Budget.Mode.class), builder::mode);
    set(fields.get("unknownPrice"), word(Budget.UnknownPrice.class), builder::unknownPrice);
    set(fields.get("onShortfall"), word(Budget.OnShortfall.class), builder::onShortfall);
    set(fields.get("leastOutputTokens"), values::count, builder::leastOutputTokens);
    set(fields.get("fallback"), this::fallback, fallback -> fallback.accept(builder));
    set(fields.get("waitUpTo"), values::duration, builder::waitUpTo);
    Scopes scopes = scopes(fields, builder);
    if (scopes != null) {
      set(fields.get("limits"), limits -> limits(limits, scopes, limit), builder::limits);
      set(
          fields.get("grants"),
          grants -> values.list(grants, grant -> grant(grant, scopes, limit)),
          grants -> grants.forEach(builder::grant));
      set(
          fields.get("frozen"),
          frozen -> frozen(frozen, scopes),
          frozen -> frozen.forEach(builder::freeze));
    }
    return problems.count() > before ? null : read(node, at -> builder.build());
  }

  private String name(@Nullable Node node) {
    String name = read(node, values::text);
    if (node == null || name == null) {
      return "unnamed";
    }
    Node.Position other = names.putIfAbsent(name, node.at());
    if (other != null) {
      problems.add(
          node.at(), "two budgets are named '" + name + "'; the first on line " + other.line());
    }
    return name;
  }

  /** Reads a value, if there is one, and hands it on. */
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

  /** Reads a value, if there is one; what the budget API refuses is a problem there. */
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

  /** Whose balances it has; null if that is a problem itself. */
  private @Nullable Scopes scopes(Fields fields, Budget.Builder builder) {
    int before = problems.count();
    List<String> tags = new ArrayList<>();
    set(
        fields.get("per"),
        values::texts,
        given -> {
          builder.per(given.toArray(String[]::new));
          tags.addAll(given);
        });
    boolean perModel = Boolean.TRUE.equals(read(fields.get("perModel"), values::flag));
    if (perModel) {
      builder.perModel();
    }
    return problems.count() > before ? null : new Scopes(tags, perModel);
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

  /** One text or several, any of which is to match; a star stands for any characters. */
  private @Nullable Predicate<String> pattern(Node node) {
    List<String> texts = values.texts(node);
    if (texts == null) {
      return null;
    }
    return Pattern.compile(
            texts.stream()
                .map(
                    text ->
                        Arrays.stream(text.split("\\*", -1))
                            .map(Pattern::quote)
                            .collect(Collectors.joining(".*")))
                .collect(Collectors.joining("|")),
            Pattern.DOTALL)
        .asMatchPredicate();
  }

  private @Nullable Consumer<Budget.Builder> fallback(Node node) {
    Fields fields = Fields.of(node, problems, "model", "atShare");
    if (fields == null) {
      return null;
    }
    String model = read(fields.required("model", "amazon.nova-lite-v1:0"), values::text);
    BigDecimal share = read(fields.get("atShare"), values::share);
    if (model == null) {
      return null;
    }
    return share == null
        ? builder -> builder.fallback(model)
        : builder -> builder.fallbackAt(share.doubleValue(), model);
  }

  /** Limits by the keys that the builder takes. */
  private Map<String, Amount> limits(Node node, Scopes scopes, @Nullable Amount limit) {
    Map<String, Amount> limits = new LinkedHashMap<>();
    values
        .entries(node, "a mapping, as {team=search: 100.00 USD}")
        .forEach(
            (scope, entry) -> {
              if (checkScope(
                  entry.keyAt(), scope, !scope.isEmpty() && scopes.contains(scope), scopes)) {
                set(
                    entry.value(),
                    own -> sameUnit(own, limit),
                    own -> limits.put(scopes.keyOf(scope), own));
              }
            });
    return limits;
  }

  private boolean checkScope(Node.Position at, String scope, boolean allowed, Scopes scopes) {
    if (!allowed) {
      problems.add(at, "'" + scope + "' is no scope here; this budget has " + scopes);
    }
    return allowed;
  }

  private @Nullable Amount sameUnit(Node node, @Nullable Amount limit) {
    Amount amount = values.amount(node);
    return amount != null && limit != null && amount.unit() != limit.unit()
        ? problems.refuse(node, "in the unit of the limit, " + limit)
        : amount;
  }

  private @Nullable Grant grant(Node node, Scopes scopes, @Nullable Amount limit) {
    Fields fields = Fields.of(node, problems, "scope", "extra", "until", "reason");
    if (fields == null) {
      return null;
    }
    Node scopeNode = fields.get("scope");
    String scope = scopeNode == null ? "" : read(scopeNode, values::text);
    if (scope != null) {
      Node.Position at = scopeNode == null ? node.at() : scopeNode.at();
      checkScope(at, scope, scopes.contains(scope), scopes);
    }
    Amount extra = read(fields.required("extra", "50.00 USD"), own -> sameUnit(own, limit));
    Instant until = read(fields.required("until", "2026-11-27T18:00:00+01:00"), values::instant);
    String reason = read(fields.required("reason", "launch week"), values::text);
    return scope == null || extra == null || until == null || reason == null
        ? null
        : new Grant(scope, extra, until, reason);
  }

  private Map<String, String> frozen(Node node, Scopes scopes) {
    Map<String, String> frozen = new LinkedHashMap<>();
    values
        .entries(node, "a mapping of scopes to reasons, as {team=search: runaway job}")
        .forEach(
            (scope, entry) -> {
              if (checkScope(
                  entry.keyAt(), scope, scope.isEmpty() || scopes.contains(scope), scopes)) {
                set(entry.value(), values::text, reason -> frozen.put(scope, reason));
              }
            });
    return frozen;
  }
}
