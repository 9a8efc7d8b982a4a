// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import io.github.bedrockmeter.budget.Budget.Mode;
import io.github.bedrockmeter.budget.Budget.UnknownPrice;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.reference.Step.Ask;
import io.github.bedrockmeter.reference.Step.End;
import io.github.bedrockmeter.reference.Step.Ending;
import io.github.bedrockmeter.reference.Step.Kind;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What budgets should do, one thing after the other: maps, longs and the calendar, no concurrency,
 * no cache, nothing of the meter's own code. Confined to one thread.
 */
final class Reference {
  static final long DEFAULT_OUTPUT = 500;

  /** The output of one call is lowered so many times at most, while others spend. */
  private static final int MOST_FITTINGS = 8;

  private final Setup setup;
  private Instant now;
  private Duration elapsed = Duration.ZERO;
  private List<Rule> rules = new ArrayList<>();
  private final Map<Key, Balance> balances = new HashMap<>();
  private final Map<Integer, Flight> flights = new LinkedHashMap<>();
  private final List<Ask> line = new ArrayList<>();
  private List<String> told = new ArrayList<>();
  private final Set<String> shadowsTold = new HashSet<>();

  Reference(Setup setup) {
    this.setup = setup;
    this.now = setup.start();
    setup.definitions().forEach(definition -> rules.add(new Rule(definition)));
  }

  /** A budget in force, and what was changed about it by hand. */
  private static final class Rule {
    final Definition definition;
    Mode mode;
    List<Given> grants = new ArrayList<>();
    Map<String, String> frozen = new HashMap<>();

    Rule(Definition definition) {
      this.definition = definition;
      this.mode = definition.mode();
    }

    String name() {
      return definition.name();
    }
  }

  private record Given(String scope, long extra, Instant until) {}

  /** The name of a balance. */
  record Key(String budget, Unit unit, String scope, Instant start, Instant end, boolean run) {}

  /** What is settled, what is held by which call, and what the law says about their sum. */
  static final class Balance {
    long settled;
    final Map<Integer, Long> holds = new HashMap<>();
    Duration lastUse = Duration.ZERO;

    /** The highest limit that a call was held against. */
    long highest;

    /** What was charged without asking a limit: overruns, corrections, unenforced calls. */
    long excess;

    long held() {
      return holds.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /** A call as it is tried. */
  private record Attempt(
      Ask ask, String model, long output, int fittings, String other, String lowered) {
    Attempt(Ask ask) {
      this(ask, ask.model(), limit(ask), 0, "", "");
    }

    static long limit(Ask ask) {
      return ask.maxTokens() == null ? DEFAULT_OUTPUT : ask.maxTokens();
    }

    @Nullable Integer maxTokens() {
      return ask.maxTokens() == null && lowered.isEmpty() ? null : Integer.valueOf((int) output);
    }

    String amendments() {
      return other + lowered;
    }
  }

  private record Claim(Rule rule, Key key, long amount, long limit) {
    boolean fits(Balance balance) {
      return balance.settled + balance.held() + amount <= limit;
    }
  }

  /** A call that was granted. */
  private record Flight(Attempt attempt, List<Claim> holds, Instant startedAt) {}

  /** A no: by whom, and by how much, unless it is for another reason. */
  private record No(
      Attempt attempt, @Nullable Rule rule, @Nullable Claim claim, long available, String reason) {}

  /** What was told since the last time. */
  List<String> told() {
    List<String> all = told;
    told = new ArrayList<>();
    return all;
  }

  boolean anyWaits() {
    return rules.stream().anyMatch(rule -> rule.definition.waits());
  }

  boolean isInFlight(int number) {
    return flights.containsKey(number);
  }

  /** The number of a call in flight; null if there is none. */
  @Nullable Integer inFlight(int pick) {
    return pick(new ArrayList<>(flights.keySet()), pick);
  }

  /** The number of a call that waits and is not the next to try; null if there is none. */
  @Nullable Integer inLine(int pick) {
    return pick(line.stream().skip(1).map(Ask::number).toList(), pick);
  }

  /** The number of the call that is the next to try; null if none waits. */
  @Nullable Integer firstInLine() {
    return line.isEmpty() ? null : line.get(0).number();
  }

  private static @Nullable Integer pick(List<Integer> numbers, int pick) {
    return numbers.isEmpty() ? null : numbers.get(pick % numbers.size());
  }

  String budget(int pick) {
    return rules.get(pick % rules.size()).name();
  }

  Definition definition(String budget) {
    return rule(budget).definition;
  }

  private Rule rule(String budget) {
    return rules.stream().filter(rule -> rule.name().equals(budget)).findFirst().orElseThrow();
  }

  /** The balances in which there is something. */
  Map<Key, Balance> balances() {
    Map<Key, Balance> some = new HashMap<>();
    for (Key key : List.copyOf(balances.keySet())) {
      Balance balance = balance(key);
      if (balance.settled != 0 || balance.held() != 0) {
        some.put(key, balance);
      }
    }
    return some;
  }

  /** The balances of the current windows in which there is something. */
  Set<Key> current() {
    Set<Key> current = new HashSet<>(balances().keySet());
    current.removeIf(key -> now.isBefore(key.start) || !now.isBefore(key.end));
    return current;
  }

  private Balance balance(Key key) {
    Balance balance = balances.computeIfAbsent(key, none -> new Balance());
    boolean over =
        key.run()
            && balance.holds.isEmpty()
            && elapsed.minus(balance.lastUse).compareTo(Span.IDLE) >= 0;
    if (over) {
      balance = new Balance();
      balances.put(key, balance);
    }
    return balance;
  }

  void pass(Duration time) {
    elapsed = elapsed.plus(time);
    now = now.plus(time);
  }

  void jump(Duration by) {
    now = now.plus(by);
  }

  void call(Ask ask) {
    if (!admit(ask, false)) {
      line.add(ask);
    }
  }

  /** Lets those try who wait, the first in line first, until one goes on waiting. */
  void retry() {
    while (!line.isEmpty() && admit(line.get(0), true)) {
      line.remove(0);
    }
  }

  void leave(int number) {
    line.removeIf(ask -> ask.number() == number);
    told.add(Told.thrown(number));
  }

  /** Grants or denies a call; false if it waits. */
  private boolean admit(Ask ask, boolean waited) {
    Attempt attempt = new Attempt(ask);
    Rule early = pastItsShare(attempt);
    Attempt other = early == null ? null : fallBack(attempt, early);
    attempt = other == null ? attempt : other;
    No first = null;
    while (true) {
      No no = grant(attempt, waited);
      if (no == null) {
        return true;
      }
      first = first == null ? no : first;
      Attempt amended = amend(no);
      if (amended == null) {
        break;
      }
      attempt = amended;
    }
    if (first.rule != null && first.rule.definition.waits() && mayPass(first)) {
      return false;
    }
    tell(first, true);
    told.add(Told.refused(ask.number()));
    return true;
  }

  private static boolean mayPass(No no) {
    return no.claim == null ? no.reason.equals(", others wait") : no.claim.amount <= no.claim.limit;
  }

  private @Nullable Rule pastItsShare(Attempt attempt) {
    for (Rule rule : rules) {
      BigDecimal share = rule.definition.fallbackShare();
      if (share != null && rule.mode == Mode.ENFORCE && counts(rule, attempt)) {
        Key key = key(rule, scope(rule, attempt));
        if (balance(key).settled >= part(share, limit(rule, key.scope, now))) {
          return rule;
        }
      }
    }
    return null;
  }

  /** Opens the call and answers null, or says who is against it. */
  private @Nullable No grant(Attempt attempt, boolean waited) {
    if (setup.teamRequired() && attempt.ask.team() == null) {
      return new No(attempt, null, null, 0, "required tags");
    }
    if (flights.size() >= setup.slots()) {
      return new No(attempt, null, null, 0, "slots");
    }
    List<Claim> claims = new ArrayList<>();
    for (Rule rule : rules) {
      if (!counts(rule, attempt)) {
        continue;
      }
      Key key = key(rule, scope(rule, attempt));
      String reason = rule.mode == Mode.OBSERVE ? null : refusal(rule, key, attempt);
      if (reason == null) {
        claims.add(
            new Claim(
                rule,
                key,
                units(rule, attempt, attempt.ask.input(), attempt.output, 0),
                limit(rule, key.scope, now)));
        continue;
      }
      No no = new No(attempt, rule, null, 0, reason);
      if (rule.mode == Mode.ENFORCE) {
        return no;
      }
      tellShadow(no, waited);
    }
    List<Claim> enforced =
        claims.stream().filter(claim -> claim.rule.mode == Mode.ENFORCE).toList();
    enforced.forEach(claim -> balance(claim.key).lastUse = elapsed);
    for (Claim claim : enforced) {
      if (!claim.fits(balance(claim.key))) {
        return tooLittle(attempt, claim); // observed balances are not asked then
      }
    }
    claims.forEach(claim -> balance(claim.key).lastUse = elapsed);
    List<Claim> holds = new ArrayList<>();
    for (Claim claim : claims) {
      if (claim.rule.mode == Mode.SHADOW && !claim.fits(balance(claim.key))) {
        tellShadow(tooLittle(attempt, claim), waited);
      } else {
        hold(attempt.ask.number(), claim);
        holds.add(claim);
      }
    }
    flights.put(attempt.ask.number(), new Flight(attempt, holds, now));
    told.add(
        Told.reserved(
            attempt.ask.number(),
            attempt.ask.input(),
            attempt.output,
            (waited ? Told.waited() : "") + attempt.amendments()));
    told.add(Told.sent(attempt.ask.number(), attempt.model, attempt.maxTokens()));
    return null;
  }

  private No tooLittle(Attempt attempt, Claim claim) {
    Balance balance = balance(claim.key);
    long available = Math.max(0, claim.limit - balance.settled - balance.held());
    String reason =
        claim.amount > claim.limit
            ? ", never fits"
            : claim.key.end.equals(Instant.MAX)
                ? (claim.key.run ? ", whole run" : ", for ever")
                : "";
    return new No(attempt, claim.rule, claim, available, reason);
  }

  private void hold(int number, Claim claim) {
    Balance balance = balance(claim.key);
    balance.holds.put(number, claim.amount);
    if (claim.rule.mode == Mode.ENFORCE) {
      balance.highest = Math.max(balance.highest, claim.limit);
    } else {
      balance.excess += claim.amount;
    }
  }

  private @Nullable String refusal(Rule rule, Key key, Attempt attempt) {
    String frozen = frozen(rule, key.scope);
    if (frozen != null) {
      return ", frozen " + frozen;
    }
    if (rule.definition.unit() == Unit.NANO_USD
        && rule.definition.unknownPrice() != UnknownPrice.ALLOW
        && cost(rule, attempt.model, 0, 0) == null) {
      return ", unknown price";
    }
    boolean taken =
        rule.definition.waits() && !line.isEmpty() && line.get(0).number() != attempt.ask.number();
    return taken ? ", others wait" : null;
  }

  private static @Nullable String frozen(Rule rule, String scope) {
    String whole = rule.frozen.get("");
    return whole == null ? rule.frozen.get(scope) : whole;
  }

  private static boolean counts(Rule rule, Attempt attempt) {
    String only = rule.definition.onlyModel();
    return only == null || only.equals(attempt.model);
  }

  private static String scope(Rule rule, Attempt attempt) {
    return scope(rule.definition, attempt.ask.team(), attempt.model);
  }

  /** How a balance is told, commas and backslashes in names escaped. */
  static String scope(Definition definition, @Nullable String team, String model) {
    List<String> parts = new ArrayList<>();
    if (!definition.per().isEmpty()) {
      parts.add("team=" + (team == null ? "" : team.replace("\\", "\\\\").replace(",", "\\,")));
    }
    if (definition.perModel()) {
      parts.add("model=" + model);
    }
    return String.join(",", parts);
  }

  private Key key(Rule rule, String scope) {
    Span span = rule.definition.span();
    return new Key(
        rule.name(),
        rule.definition.unit(),
        scope,
        span.startAt(now),
        span.endAt(now),
        span == Span.RUN);
  }

  private static long limit(Rule rule, String scope, Instant at) {
    long limit = rule.definition.limit();
    for (Map.Entry<String, Long> own : rule.definition.limits().entrySet()) {
      if (scope.equals(scope(rule.definition, own.getKey(), ""))) {
        limit = own.getValue();
      }
    }
    for (Given grant : rule.grants) {
      if (grant.scope.equals(scope) && at.isBefore(grant.until)) {
        limit += grant.extra;
      }
    }
    return limit;
  }

  private static @Nullable BigDecimal cost(Rule rule, String model, long input, long output) {
    boolean conservative = rule.definition.unknownPrice() == UnknownPrice.CONSERVATIVE;
    return Prices.nanoUsd(model, conservative, input, output);
  }

  private static long units(Rule rule, Attempt attempt, long input, long output, long unpriced) {
    BigDecimal cost = cost(rule, attempt.model, input, output);
    return switch (rule.definition.unit()) {
      case REQUESTS -> 1;
      case TOKENS -> input + output;
      case NANO_USD -> cost == null ? unpriced : Prices.roundedUp(cost);
    };
  }

  private @Nullable Attempt amend(No no) {
    if (no.rule == null) {
      return null;
    }
    Attempt lower = lowerOutput(no);
    return lower != null ? lower : fallBack(no.attempt, no.rule);
  }

  private static @Nullable Attempt lowerOutput(No no) {
    Attempt attempt = no.attempt;
    Rule rule = no.rule;
    if (rule == null
        || no.claim == null
        || !rule.definition.fits()
        || rule.definition.unit() == Unit.REQUESTS
        || attempt.fittings >= MOST_FITTINGS
        || (attempt.ask.kind() == Kind.INVOKE && attempt.ask.maxTokens() == null)) {
      return null;
    }
    long most = Math.min(mostOutput(rule, attempt, no.available), attempt.output - 1);
    if (most < rule.definition.leastOutput()) {
      return null;
    }
    return new Attempt(
        attempt.ask,
        attempt.model,
        most,
        attempt.fittings + 1,
        attempt.other,
        Told.lowered(rule.name(), Attempt.limit(attempt.ask), most));
  }

  /** The most output that so many units buy after the input; negative if not even that fits. */
  private static long mostOutput(Rule rule, Attempt attempt, long available) {
    long input = attempt.ask.input();
    if (rule.definition.unit() == Unit.TOKENS) {
      return available - input;
    }
    BigDecimal inputCost = cost(rule, attempt.model, input, 0);
    BigDecimal tokenCost = cost(rule, attempt.model, 0, 1);
    if (inputCost == null || tokenCost == null) {
      return Long.MAX_VALUE;
    }
    BigDecimal left = BigDecimal.valueOf(available).subtract(inputCost);
    return left.divide(tokenCost, 0, RoundingMode.FLOOR).longValueExact();
  }

  private static @Nullable Attempt fallBack(Attempt attempt, Rule rule) {
    String other = rule.definition.fallback();
    boolean can =
        other != null
            && !other.equals(attempt.model)
            && attempt.other.isEmpty()
            && (attempt.ask.kind() != Kind.INVOKE
                || provider(other).equals(provider(attempt.model)));
    return can && other != null
        ? new Attempt(
            attempt.ask,
            other,
            Attempt.limit(attempt.ask),
            0,
            Told.otherModel(rule.name(), attempt.model, other),
            "")
        : null;
  }

  private static String provider(String model) {
    return model.substring(0, model.indexOf('.'));
  }

  /**
   * A shadow budget tells its denial of a call once, however often it is tried. What it tells of a
   * call that waits is not of interest.
   */
  private void tellShadow(No no, boolean waited) {
    String budget = no.rule == null ? no.reason : no.rule.name();
    if (!waited && shadowsTold.add(no.attempt.ask.number() + " by " + budget)) {
      tell(no, false);
    }
  }

  private void tell(No no, boolean enforced) {
    int number = no.attempt.ask.number();
    if (no.rule == null) {
      told.add(Told.denial(number, enforced, no.reason, "", null, null, null, ""));
      return;
    }
    if (no.claim == null) {
      String scope = scope(no.rule, no.attempt);
      told.add(Told.denial(number, enforced, no.rule.name(), scope, null, null, null, no.reason));
      return;
    }
    told.add(
        Told.denial(
            number,
            enforced,
            no.rule.name(),
            no.claim.key.scope,
            no.claim.amount,
            no.available,
            no.reason.isEmpty() ? Duration.between(now, no.claim.key.end) : null,
            no.reason));
  }

  /** Ends a call, and charges what it used. */
  void finish(int number, Ending ending) {
    Flight flight = Objects.requireNonNull(flights.remove(number), "in flight");
    Attempt attempt = flight.attempt;
    boolean streams = attempt.ask.kind() == Kind.STREAM;
    boolean released = ending.end() == End.THROTTLED || ending.end() == End.NEVER_CONNECTED;
    boolean reported = ending.end() == End.ANSWERED;
    long input = released ? 0 : reported ? used(attempt.ask.input(), ending) : attempt.ask.input();
    long output = released ? 0 : reported ? used(attempt.output, ending) : attempt.output;
    Map<Claim, long[]> steps = new LinkedHashMap<>();
    for (Claim hold : flight.holds) {
      long actual = released ? 0 : units(hold.rule, attempt, input, output, hold.amount);
      Balance balance = balance(hold.key);
      balance.holds.remove(number);
      balance.lastUse = elapsed;
      balance.excess += Math.max(0, actual - hold.amount);
      long before = balance.settled;
      balance.settled += actual;
      steps.put(hold, new long[] {before, balance.settled});
    }
    steps.forEach(
        (hold, step) -> tellThresholds(hold.rule, hold.key, step[0], step[1], flight.startedAt));
    String charge = released ? "RELEASED" : reported ? "REPORTED" : "ESTIMATED";
    told.add(Told.ended(number, outcome(ending.end(), streams), charge, input, output));
    boolean returns =
        reported
            || ending.end() == End.ANSWERED_WITHOUT_USAGE
            || (ending.end() == End.ABANDONED && streams);
    told.add(returns ? Told.returned(number) : Told.thrown(number));
  }

  static long used(long estimated, Ending ending) {
    return estimated * ending.percent() / 100;
  }

  private static String outcome(End end, boolean streams) {
    return switch (end) {
      case ANSWERED -> "Completed";
      case ANSWERED_WITHOUT_USAGE -> streams ? "Truncated" : "Completed";
      case ABANDONED -> "Cancelled";
      default -> "Failed";
    };
  }

  private void tellThresholds(Rule rule, Key key, long before, long after, Instant at) {
    long limit = limit(rule, key.scope, at);
    for (BigDecimal share : rule.definition.warnings()) {
      long threshold = part(share, limit);
      if (before < threshold && threshold <= after) {
        told.add(Told.reached(rule.name(), key.scope, share.toPlainString(), after, limit));
      }
    }
  }

  private static long part(BigDecimal share, long limit) {
    return share
        .multiply(BigDecimal.valueOf(limit))
        .setScale(0, RoundingMode.CEILING)
        .longValueExact();
  }

  void mode(String budget, Mode mode) {
    Rule rule = rule(budget);
    if (rule.mode != mode) {
      told.add(Told.changed("ModeChanged", budget, "", ""));
    }
    rule.mode = mode;
  }

  void grant(String budget, String scope, long extra, Instant until) {
    rule(budget).grants.add(new Given(scope, extra, until));
    told.add(Told.changed("Granted", budget, scope, ""));
  }

  Instant now() {
    return now;
  }

  void freeze(String budget, String scope, String reason) {
    rule(budget).frozen.put(scope, reason);
    told.add(Told.changed("Frozen", budget, scope, ""));
  }

  void thaw(String budget, String scope) {
    if (rule(budget).frozen.remove(scope) != null) {
      told.add(Told.changed("Thawed", budget, scope, ""));
    }
  }

  void correct(String budget, String scope, long amount) {
    Rule rule = rule(budget);
    Key key = key(rule, scope);
    Balance balance = balance(key);
    long before = balance.settled;
    balance.settled = Math.max(0, before + amount);
    balance.excess += Math.max(0, amount);
    told.add(Told.changed("Adjusted", budget, scope, " " + before + " to " + balance.settled));
    tellThresholds(rule, key, before, balance.settled, now);
  }

  /** What the meter should tell of a balance in which so much stands. */
  String status(String budget, String scope, long settled, long held) {
    Rule rule = rule(budget);
    long limit = limit(rule, scope, now);
    return status(
        rule.mode, limit, frozen(rule, scope), settled, held, Math.max(0, limit - settled - held));
  }

  static String status(
      Mode mode, long limit, @Nullable String frozen, long settled, long held, long available) {
    return mode
        + ", limit "
        + limit
        + ", frozen "
        + frozen
        + ", "
        + settled
        + " + "
        + held
        + ", "
        + available
        + " left";
  }

  void replace(List<Definition> definitions) {
    List<Rule> replaced = new ArrayList<>();
    for (Definition definition : definitions) {
      Rule before =
          rules.stream()
              .filter(rule -> rule.name().equals(definition.name()))
              .findFirst()
              .orElse(null);
      if (before == null) {
        told.add(Told.changed("Added", definition.name(), "", ""));
        replaced.add(new Rule(definition));
      } else if (before.definition.equals(definition)) {
        replaced.add(before);
      } else {
        told.add(Told.changed("Redefined", definition.name(), "", ""));
        replaced.add(redefined(before, definition));
      }
    }
    for (Rule rule : rules) {
      if (definitions.stream().noneMatch(definition -> definition.name().equals(rule.name()))) {
        told.add(Told.changed("Removed", rule.name(), "", ""));
      }
    }
    rules = replaced;
  }

  /** What was changed by hand stays changed. */
  private static Rule redefined(Rule before, Definition definition) {
    Rule rule = new Rule(definition);
    if (definition.mode() == before.definition.mode()) {
      rule.mode = before.mode;
    }
    rule.grants.addAll(before.grants);
    rule.frozen.putAll(before.frozen);
    return rule;
  }
}
