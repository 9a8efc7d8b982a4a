// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.internal.text.Escaped;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
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

  /** Whether a budget denies calls, only reports those that it would deny, or only counts. */
  public enum Mode {
    /** A call that does not fit is denied. */
    ENFORCE,
    /**
     * As if enforced, without stopping anything: a call that would be denied is reported as an
     * unenforced denial, passes, and is not counted, since enforced it would have cost nothing.
     */
    SHADOW,
    /** Every call passes and is counted, beyond the limit too; only thresholds are reported. */
    OBSERVE
  }

  /** What a budget does first with a call that does not fit. */
  public enum OnShortfall {
    /** Nothing: it falls back, waits or denies, as its settings say. */
    DENY,
    /**
     * Sends the call with {@code maxTokens} lowered to what fits, if that is not below {@link
     * Budget#leastOutputTokens}: on Converse, and on InvokeModel where the body's field is known.
     */
    FIT_OUTPUT
  }

  /** What a dollar budget does with a call whose cost is unknown. */
  public enum UnknownPrice {
    /**
     * The call is denied: what cannot be priced cannot be limited. If only the answer shows a meter
     * without a price, the rest is charged exactly and that meter at the highest rate the price
     * book has for it.
     */
    DENY,
    /**
     * The call is held and charged at the highest rates that the price book has for its provider,
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
  private final ScopeForm scopes;
  private final @Nullable Function<BudgetScope, @Nullable Amount> limits;
  private final OnShortfall onShortfall;
  private final long leastOutputTokens;
  private final boolean requiresMaxTokens;
  private final boolean requiresBound;
  private final @Nullable Long defaultMaxTokens;
  private final @Nullable Fallback fallback;
  private final Duration waitUpTo;
  private final List<Grant> grants;
  private final Map<String, String> frozen;

  private Budget(Builder builder, Amount limit, Window window) {
    this.name = builder.name;
    this.limit = limit;
    this.window = window;
    this.tagNames = List.copyOf(builder.tagNames);
    this.scopes = new ScopeForm(tagNames, builder.perModel);
    this.perModel = builder.perModel;
    this.filter = builder.filter;
    this.warnings = List.copyOf(builder.warnings);
    this.mode = builder.mode;
    this.unknownPrice = builder.unknownPrice;
    this.limits = builder.limits;
    this.onShortfall = builder.onShortfall;
    this.leastOutputTokens = builder.leastOutputTokens;
    this.requiresMaxTokens = builder.requiresMaxTokens;
    this.requiresBound = builder.requiresBound;
    this.defaultMaxTokens = builder.defaultMaxTokens;
    this.fallback = builder.fallback;
    this.waitUpTo = builder.waitUpTo;
    this.grants = List.copyOf(builder.grants);
    this.frozen = Map.copyOf(builder.frozen);
  }

  /** A builder of a budget; its name appears in denials, events and ledger accounts. */
  public static Builder named(String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a budget's name must not be blank");
    }
    return new Builder(name);
  }

  /** The name, unique within a meter. */
  public String name() {
    return name;
  }

  /** What each balance may reach in one window, where it has no limit of its own. */
  public Amount limit() {
    return limit;
  }

  /**
   * What the balance of a scope may reach in one window, grants apart: its own limit, or {@link
   * #limit}.
   *
   * @param scope as {@link #scopeOf} and {@link BudgetScope} write it
   * @throws IllegalStateException if the limit's function answers in another unit
   */
  public Amount limitOf(String scope) {
    if (limits == null) {
      return limit;
    }
    Amount own = limits.apply(BudgetScope.parse(scope));
    if (own == null) {
      return limit;
    }
    if (own.unit() != limit.unit()) {
      throw new IllegalStateException(
          named()
              + " counts "
              + limit.unit()
              + "; its limit of "
              + Escaped.text(scope)
              + " is "
              + own);
    }
    return own;
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

  /**
   * Whether it denies, only reports, or only counts, at the start; see {@link BudgetControl#mode}.
   */
  public Mode mode() {
    return mode;
  }

  /** What happens to a call whose cost is unknown; only dollar budgets ask. */
  public UnknownPrice unknownPrice() {
    return unknownPrice;
  }

  /** Whether each model has a balance of its own. */
  public boolean perModel() {
    return perModel;
  }

  /** What happens first to a call that does not fit. */
  public OnShortfall onShortfall() {
    return onShortfall;
  }

  /** Below so many output tokens no call is lowered to fit. */
  public long leastOutputTokens() {
    return leastOutputTokens;
  }

  /** Whether calls whose request sets no {@code maxTokens} are denied. */
  public boolean requiresMaxTokens() {
    return requiresMaxTokens;
  }

  /** Whether calls whose estimate is no upper bound are denied. */
  public boolean requiresBound() {
    return requiresBound;
  }

  /** The {@code maxTokens} that calls without one are sent with; null if they stay without. */
  public @Nullable Long defaultMaxTokens() {
    return defaultMaxTokens;
  }

  /** The model that is called instead when the budget is short; null if there is none. */
  public @Nullable Fallback fallback() {
    return fallback;
  }

  /** How long a call waits for room before it is denied; zero if it does not. */
  public Duration waitUpTo() {
    return waitUpTo;
  }

  /** What is granted beyond the limits, at the start; see {@link BudgetControl#grant}. */
  public List<Grant> grants() {
    return grants;
  }

  /** Why scopes are frozen, at the start; see {@link BudgetControl#freeze}. */
  public Map<String, String> frozen() {
    return frozen;
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
    return scopes.of(call);
  }

  /**
   * A scope of this budget, as it is written.
   *
   * @throws IllegalArgumentException if no balance of this budget can have it; the message gives
   *     the form that is expected and the nearest right scope
   */
  public BudgetScope scope(String text) {
    return scopes.checked(name, text);
  }

  private String named() {
    return "budget '" + Escaped.text(name) + "'";
  }

  @Override
  public String toString() {
    return "Budget '" + Escaped.text(name) + "': " + limit + " " + window;
  }

  /**
   * A model to call instead. Immutable and thread-safe.
   *
   * @param model its id, or one of the meter's model names
   * @param atShare the share of the limit from which on it is called at once, as far as the meter's
   *     last settlement reported; null if only when a call does not fit
   */
  public record Fallback(String model, @Nullable BigDecimal atShare) {}

  /** Builds a budget. Mutable, confined to one thread. */
  public static final class Builder {
    private final String name;
    private @Nullable Amount limit;
    private @Nullable Window window;
    private final TreeSet<String> tagNames = new TreeSet<>();
    private boolean perModel;
    private @Nullable Predicate<MeteredCall> filter;
    private final TreeSet<BigDecimal> warnings = new TreeSet<>();
    private Mode mode = Mode.ENFORCE;
    private UnknownPrice unknownPrice = UnknownPrice.DENY;
    private @Nullable Function<BudgetScope, @Nullable Amount> limits;
    private Map<String, Amount> limitsByScope = Map.of();
    private OnShortfall onShortfall = OnShortfall.DENY;
    private long leastOutputTokens = 256;
    private boolean requiresMaxTokens;
    private boolean requiresBound;
    private @Nullable Long defaultMaxTokens;
    private @Nullable Fallback fallback;
    private Duration waitUpTo = Duration.ZERO;
    private final List<Grant> grants = new ArrayList<>();
    private final Map<String, String> frozen = new LinkedHashMap<>();

    private Builder(String name) {
      this.name = name;
    }

    /** What each balance may reach in one window; required. */
    public Builder limit(Amount limit) {
      this.limit = Objects.requireNonNull(limit, "limit");
      return this;
    }

    /**
     * Limits of their own for some scopes: {@code limits(Map.of("team=search",
     * Amount.usd("100")))}. The others have {@link #limit}.
     */
    public Builder limits(Map<String, Amount> limits) {
      this.limitsByScope = Map.copyOf(limits);
      Map<String, Amount> own = limitsByScope;
      return limitFor(scope -> own.get(scope.toString()));
    }

    /**
     * Limits of their own for some scopes, asked for with each call: null leaves {@link #limit}. It
     * must be quick and thread-safe; if it throws, the call is denied.
     */
    public Builder limitFor(Function<BudgetScope, @Nullable Amount> limits) {
      this.limits = Objects.requireNonNull(limits, "limits");
      return this;
    }

    /** The span of time the limit is for; required. */
    public Builder window(Window window) {
      this.window = Objects.requireNonNull(window, "window");
      return this;
    }

    /**
     * One balance for each value of this tag, or for each combination of several tags' values. The
     * order of the tags does not matter: scopes are written in the order of their names.
     */
    public Builder per(String... tags) {
      for (String tag : tags) {
        if (!tagNames.add(BudgetScope.checkedName(tag))) {
          throw new IllegalArgumentException(
              named() + " counts per '" + Escaped.text(tag) + "' twice");
        }
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
     * Each is reported once for each balance and window. A share of 1 is reported when the balance
     * is exhausted: the limit is settled, or the first call is denied for lack of room, since a
     * limit is seldom settled to the last unit. Shares above 1 are for {@link Mode#OBSERVE}, which
     * alone counts beyond the limit.
     */
    public Builder warnAt(double... shares) {
      for (double share : shares) {
        checkShare(share);
        warnings.add(BigDecimal.valueOf(share).stripTrailingZeros());
      }
      return this;
    }

    private void checkShare(double share) {
      if (!(share > 0 && share <= 100)) {
        throw new IllegalArgumentException(
            named() + " takes shares of its limit from 0 to 100, such as 0.8 for 80 %: " + share);
      }
    }

    /** Settled spending does not pass the limit, so a share beyond it would never be reported. */
    private static String beyondLimit(String setting, BigDecimal share) {
      String percent = share.stripTrailingZeros().toPlainString();
      return setting
          + " must be at most 1, the whole limit, such as 0.8 for 80 %: "
          + percent
          + " (did you mean "
          + share.movePointLeft(2).stripTrailingZeros().toPlainString()
          + " for "
          + percent
          + " %?)";
    }

    /** Denies calls that do not fit, which is the default, or only reports or counts them. */
    public Builder mode(Mode mode) {
      this.mode = Objects.requireNonNull(mode, "mode");
      return this;
    }

    /** What a dollar budget does with a call whose cost is unknown; it denies it by default. */
    public Builder unknownPrice(UnknownPrice unknownPrice) {
      this.unknownPrice = Objects.requireNonNull(unknownPrice, "unknownPrice");
      return this;
    }

    /** What is done first with a call that does not fit; it is denied by default. */
    public Builder onShortfall(OnShortfall onShortfall) {
      this.onShortfall = Objects.requireNonNull(onShortfall, "onShortfall");
      return this;
    }

    /** Below so many output tokens no call is lowered to fit; 256 by default. */
    public Builder leastOutputTokens(long tokens) {
      if (tokens < 1) {
        throw new IllegalArgumentException("leastOutputTokens must be at least 1: " + tokens);
      }
      this.leastOutputTokens = tokens;
      return this;
    }

    /**
     * Denies calls whose request sets no {@code maxTokens}. Otherwise such a call holds all that
     * its model may write, or an assumption where that is not known. A {@link #defaultMaxTokens} is
     * set first, where it can be.
     */
    public Builder requireMaxTokens() {
      this.requiresMaxTokens = true;
      return this;
    }

    /**
     * Sends calls whose request sets no {@code maxTokens} with this one, or with the model's own
     * maximum if that is lower: on Converse, and on InvokeModel where the family's field is known.
     * Where Bedrock would refuse it, as with Nova 2 at high reasoning effort or a managed prompt,
     * the call stays as it is; {@link #requireMaxTokens} denies it then. Of several budgets the
     * lowest counts.
     */
    public Builder defaultMaxTokens(long tokens) {
      if (tokens < 1 || tokens > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "defaultMaxTokens must be from 1 to 2147483647, such as 1000: " + tokens);
      }
      this.defaultMaxTokens = tokens;
      return this;
    }

    /**
     * Denies calls whose estimate is no upper bound in the budget's unit, such as a video of
     * unknown length; {@code docs/estimates.md} lists them. Otherwise they are held at what is
     * assumed.
     */
    public Builder requireBound() {
      this.requiresBound = true;
      return this;
    }

    /**
     * A model, cheaper ones make sense, that is called instead when a call does not fit: on
     * Converse any, on InvokeModel only one whose bodies are of the same family. Tried after {@link
     * OnShortfall#FIT_OUTPUT}.
     */
    public Builder fallback(String model) {
      return fallback(new Fallback(checkedModel(model), null));
    }

    /** Like {@link #fallback(String)}, and at once when so great a share of the limit is spent. */
    public Builder fallbackAt(double share, String model) {
      checkShare(share);
      if (share > 1) {
        throw new IllegalArgumentException(
            named() + ": " + beyondLimit("fallbackAt", BigDecimal.valueOf(share)));
      }
      return fallback(new Fallback(checkedModel(model), BigDecimal.valueOf(share)));
    }

    private Builder fallback(Fallback other) {
      if (fallback != null) {
        throw new IllegalStateException(
            named() + " falls back to '" + Escaped.text(fallback.model()) + "' already");
      }
      this.fallback = other;
      return this;
    }

    private String checkedModel(String model) {
      if (model.isBlank()) {
        throw new IllegalArgumentException(
            "the fallback model of " + named() + " must not be blank");
      }
      return model;
    }

    /**
     * How long a call that does not fit waits before it is denied. Room comes when calls in flight
     * end, a new window begins or a grant is given. Calls wait in order of arrival; a synchronous
     * call blocks its thread, an asynchronous one does not. Tried last. A call that is larger than
     * the whole limit is denied at once.
     */
    public Builder waitUpTo(Duration time) {
      if (time.isNegative()) {
        throw new IllegalArgumentException(
            "waitUpTo of " + named() + " must not be negative: " + time);
      }
      this.waitUpTo = time;
      return this;
    }

    /** Grants more than the limit from the start; see {@link BudgetControl#grant}. */
    public Builder grant(Grant grant) {
      grants.add(Objects.requireNonNull(grant, "grant"));
      return this;
    }

    /** Freezes a scope from the start; see {@link BudgetControl#freeze}. */
    public Builder freeze(String scope, String reason) {
      frozen.put(Objects.requireNonNull(scope, "scope"), Grant.checkedReason(reason));
      return this;
    }

    /**
     * The budget.
     *
     * @throws IllegalStateException if limit or window is missing, or settings contradict each
     *     other: a grant in another unit than the limit, limits by scope where there is one balance
     * @throws IllegalArgumentException if no balance of this budget can have the scope of a limit,
     *     grant or freeze
     */
    public Budget build() {
      if (limit == null) {
        throw new IllegalStateException(
            named() + " has no limit; give it one, as .limit(Amount.usd(\"25.00\"))");
      }
      if (window == null) {
        throw new IllegalStateException(
            named()
                + " has no window; give it one, as .window(Window.daily(ZoneOffset.UTC)), or"
                + " .window(Window.lifetime())");
      }
      if (mode != Mode.OBSERVE
          && !warnings.isEmpty()
          && warnings.last().compareTo(BigDecimal.ONE) > 0) {
        throw new IllegalStateException(
            named()
                + " is in mode "
                + mode
                + ", so "
                + beyondLimit("warnAt", warnings.last())
                + "; only OBSERVE counts beyond the limit");
      }
      if (perModel && tagNames.contains(BudgetScope.MODEL)) {
        throw new IllegalStateException(
            named() + " counts per model and per a tag 'model'; name the tag otherwise");
      }
      if (limits != null && tagNames.isEmpty() && !perModel) {
        throw new IllegalStateException(
            named()
                + " has one balance, which cannot have limits by scope; name the tag it counts"
                + " per, as .per(\"team\")");
      }
      Budget budget = new Budget(this, limit, window);
      for (Map.Entry<String, Amount> own : limitsByScope.entrySet()) {
        checkUnit("the limit of '" + Escaped.text(own.getKey()) + "'", own.getValue(), limit);
        budget.scope(own.getKey());
      }
      for (Grant grant : grants) {
        checkUnit("a grant", grant.extra(), limit);
        budget.scope(grant.scope());
      }
      for (String scope : frozen.keySet()) {
        if (!scope.isEmpty()) {
          budget.scope(scope);
        }
      }
      return budget;
    }

    private String named() {
      return "budget '" + Escaped.text(name) + "'";
    }

    private void checkUnit(String what, Amount amount, Amount limit) {
      if (limit.unit() != amount.unit()) {
        throw new IllegalStateException(
            named() + " has a limit of " + limit + ", but " + what + " is " + amount);
      }
    }

    @Override
    public String toString() {
      return "Budget.named(" + Escaped.text(name) + ") per " + tagNames;
    }
  }

  /**
   * More than the limit, for a while: extra 50 dollars for team search until Friday. In each window
   * that it overlaps, the limit is higher by that much until the instant; what was spent of it
   * stays spent. Immutable and thread-safe.
   *
   * @param scope whose limit, as {@code team=search}; empty where the budget has only one balance
   * @param extra how much more, in the budget's unit
   * @param until the first instant at which it is no longer granted; {@link Instant#MAX} if it
   *     stays
   * @param reason why; it is in the events
   */
  public record Grant(String scope, Amount extra, Instant until, String reason) {
    public Grant {
      Objects.requireNonNull(scope, "scope");
      Objects.requireNonNull(extra, "extra");
      Objects.requireNonNull(until, "until");
      checkedReason(reason);
    }

    static String checkedReason(String reason) {
      if (reason.isBlank()) {
        throw new IllegalArgumentException("reason must not be blank");
      }
      return reason;
    }
  }
}
