// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import io.github.bedrockmeter.call.MeteredCall;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A limit on what calls may cost in a span of time, in dollars, tokens or requests; one balance for
 * all calls, or one for each value of a tag. Immutable and thread-safe.
 *
 * <pre>{@code
 * Budget.named("tenant-daily").limit(Amount.usd("25.00")).window(Window.daily(ZoneOffset.UTC)).per("tenant").build();
 * }</pre>
 */
public final class Budget {

  /** What a budget does with a call that does not fit. */
  public enum Mode {
    /** The call is denied. */
    ENFORCE,
    /** The call passes, is counted, and the denial is reported as one that was not enforced. */
    OBSERVE
  }

  /** What a dollar budget does with a call whose cost is unknown. */
  public enum UnknownPrice {
    /** The call is denied: what cannot be priced cannot be limited. */
    DENY,
    /**
     * The call is held and charged at the dearest rates that the price book has for its provider,
     * or for any; it is denied if the book has none.
     */
    CONSERVATIVE,
    /** The call passes and is charged the part of its cost that is known, which may be nothing. */
    ALLOW
  }

  private final String name;
  private final Amount limit;
  private final Window window;
  private final List<String> tagNames;
  private final boolean perModel;
  private final @Nullable Predicate<MeteredCall> filter;
  private final List<BigDecimal> warnings;
  private final Mode mode;
  private final UnknownPrice unknownPrice;

  private Budget(Builder builder, Amount limit, Window window) {
    this.name = builder.name;
    this.limit = limit;
    this.window = window;
    this.tagNames = List.copyOf(builder.tagNames);
    this.perModel = builder.perModel;
    this.filter = builder.filter;
    this.warnings = List.copyOf(builder.warnings);
    this.mode = builder.mode;
    this.unknownPrice = builder.unknownPrice;
  }

  /** A builder of a budget; its name appears in denials, events and ledger accounts. */
  public static Builder named(String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a budget needs a name");
    }
    return new Builder(name);
  }

  /** The name, unique within a meter. */
  public String name() {
    return name;
  }

  /** What each balance may reach in one window. */
  public Amount limit() {
    return limit;
  }

  /** The span of time the limit is for. */
  public Window window() {
    return window;
  }

  /** The tags whose values have a balance each; empty for one balance. */
  public List<String> tagNames() {
    return tagNames;
  }

  /** The shares of the limit at which a warning is given, in rising order; 1 is the limit. */
  public List<BigDecimal> warnings() {
    return warnings;
  }

  /** What happens to a call that does not fit. */
  public Mode mode() {
    return mode;
  }

  /** What happens to a call whose cost is unknown; only dollar budgets ask. */
  public UnknownPrice unknownPrice() {
    return unknownPrice;
  }

  /** Whether this budget counts {@code call}. */
  public boolean appliesTo(MeteredCall call) {
    return filter == null || filter.test(call);
  }

  /**
   * Whose balance {@code call} is counted in: {@code tenant=acme}, {@code model=…}, or empty. Calls
   * without the tag share one balance, written {@code tenant=}, so that leaving a tag out is no way
   * around a limit.
   */
  public String scopeOf(MeteredCall call) {
    if (tagNames.isEmpty() && !perModel) {
      return "";
    }
    StringBuilder scope = new StringBuilder();
    for (String tag : tagNames) {
      String value = call.tags().get(tag);
      append(scope, tag, value == null ? "" : value);
    }
    if (perModel) {
      append(scope, "model", call.modelId());
    }
    return scope.toString();
  }

  /** Adds {@code name=value}; a comma or backslash in a value is escaped, so no two scopes meet. */
  private static void append(StringBuilder scope, String name, String value) {
    if (!scope.isEmpty()) {
      scope.append(',');
    }
    scope.append(name).append('=').append(value.replace("\\", "\\\\").replace(",", "\\,"));
  }

  @Override
  public String toString() {
    return "Budget '" + name + "': " + limit + " " + window;
  }

  /** Builds a budget. Mutable, confined to one thread. */
  public static final class Builder {
    private final String name;
    private @Nullable Amount limit;
    private @Nullable Window window;
    private final List<String> tagNames = new ArrayList<>();
    private boolean perModel;
    private @Nullable Predicate<MeteredCall> filter;
    private final TreeSet<BigDecimal> warnings = new TreeSet<>();
    private Mode mode = Mode.ENFORCE;
    private UnknownPrice unknownPrice = UnknownPrice.DENY;

    private Builder(String name) {
      this.name = name;
    }

    /** What each balance may reach in one window; required. */
    public Builder limit(Amount limit) {
      this.limit = Objects.requireNonNull(limit, "limit");
      return this;
    }

    /** The span of time the limit is for; required. */
    public Builder window(Window window) {
      this.window = Objects.requireNonNull(window, "window");
      return this;
    }

    /** One balance for each value of this tag, or for each combination of several tags' values. */
    public Builder per(String... tags) {
      for (String tag : tags) {
        if (tag.isBlank()) {
          throw new IllegalArgumentException("budget '" + name + "' counts per a tag without name");
        }
        if (tagNames.contains(tag)) {
          throw new IllegalArgumentException(
              "budget '" + name + "' counts per '" + tag + "' twice");
        }
        tagNames.add(tag);
      }
      return this;
    }

    /** One balance for each model, by the id it is called with. */
    public Builder perModel() {
      this.perModel = true;
      return this;
    }

    /** Counts only calls that pass this filter, which must be quick and thread-safe. */
    public Builder when(Predicate<MeteredCall> filter) {
      this.filter = Objects.requireNonNull(filter, "filter");
      return this;
    }

    /**
     * Warns when settled spending reaches these shares of the limit: {@code warnAt(0.5, 0.8, 1.0)}.
     * Each is told once for each balance and window.
     */
    public Builder warnAt(double... shares) {
      for (double share : shares) {
        if (!(share > 0 && share <= 100)) {
          throw new IllegalArgumentException(
              "budget '" + name + "' warns at a share of its limit, as 0.8; got " + share);
        }
        warnings.add(BigDecimal.valueOf(share).stripTrailingZeros());
      }
      return this;
    }

    /** Denies calls that do not fit, which is the default, or only reports them. */
    public Builder mode(Mode mode) {
      this.mode = Objects.requireNonNull(mode, "mode");
      return this;
    }

    /** What a dollar budget does with a call whose cost is unknown; it denies it by default. */
    public Builder unknownPrice(UnknownPrice unknownPrice) {
      this.unknownPrice = Objects.requireNonNull(unknownPrice, "unknownPrice");
      return this;
    }

    /**
     * The budget.
     *
     * @throws IllegalStateException if limit or window is missing
     */
    public Budget build() {
      if (limit == null) {
        throw new IllegalStateException(
            "budget '" + name + "' has no limit; give it one, as .limit(Amount.usd(\"25.00\"))");
      }
      if (window == null) {
        throw new IllegalStateException(
            "budget '"
                + name
                + "' has no window; give it one, as .window(Window.daily(ZoneOffset.UTC)), or"
                + " .window(Window.lifetime())");
      }
      return new Budget(this, limit, window);
    }

    @Override
    public String toString() {
      return "Budget.named(" + name + ") per " + Arrays.toString(tagNames.toArray());
    }
  }
}
