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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Budgets, and what happens to them, one step after the other. Immutable. */
record History(Setup setup, List<Step> steps) {

  /** A history of its seed: the same seed, the same history. */
  static History of(long seed) {
    return new Generator(new SplittableRandom(seed)).history();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("  ").append(setup);
    for (Step step : steps) {
      text.append("\n  ").append(step);
    }
    return text.toString();
  }

  /**
   * Draws histories. Numbers are few and round, so that calls fit to the last token as often as
   * they just do not.
   *
   * <p>What tests in {@code issues} show to be wrong is not drawn: budgets that fall back to
   * different models, a budget that is redefined in another unit, and, where budgets fall back
   * early, clocks that jump. Only the first budget has calls wait, in one line, since the order of
   * two lines is left to chance.
   */
  private static final class Generator {
    private static final int MOST_STEPS = 45;

    /** Just before something ends: an hour, a day that clocks change on, a month, a year. */
    private static final List<Instant> STARTS =
        List.of(
            Instant.parse("2026-03-08T04:58:30Z"),
            Instant.parse("2026-11-02T04:59:10Z"),
            Instant.parse("2026-12-31T22:58:00Z"),
            Instant.parse("2028-02-29T22:59:59.999999999Z"),
            Instant.parse("2026-11-22T23:29:30Z"),
            Instant.parse("2026-11-23T12:00:00Z"));

    private static final List<Duration> JUMPS =
        List.of(
            Duration.ofSeconds(-1),
            Duration.ofMinutes(-1),
            Duration.ofHours(-25),
            Duration.ofDays(-400),
            Duration.ofMinutes(1),
            Duration.ofHours(1),
            Duration.ofDays(1),
            Duration.ofDays(4_000));

    private static final List<Duration> PASSES =
        List.of(
            Duration.ofNanos(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Span.IDLE.minusNanos(1),
            Span.IDLE);

    /** So much time passes at most: the ledger keeps what is over for an hour. */
    private static final Duration MOST_PASSING = Duration.ofMinutes(50);

    private static final List<String> TEAMS = List.of("a", "b", "c,\\");

    /** By the number of a budget, so that none is ever redefined in another unit. */
    private static final List<Unit> UNITS = List.of(Unit.TOKENS, Unit.NANO_USD, Unit.REQUESTS);

    private final SplittableRandom random;
    private final boolean waits;
    private final boolean fallsBackEarly;
    private final @Nullable String fallback;
    private Duration passed = Duration.ZERO;
    private int calls;

    Generator(SplittableRandom random) {
      this.random = random;
      this.waits = chance(6);
      this.fallsBackEarly = chance(6);
      this.fallback = chance(3) ? oneOf(Prices.SMALL, Prices.NOVA) : null;
    }

    private boolean chance(int oneIn) {
      return random.nextInt(oneIn) == 0;
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private <T> T oneOf(T... choices) {
      return choices[random.nextInt(choices.length)];
    }

    private <T> T oneOf(List<T> choices) {
      return choices.get(random.nextInt(choices.size()));
    }

    History history() {
      Setup setup =
          new Setup(
              oneOf(STARTS), chance(10), chance(5) ? 1 + random.nextInt(3) : 1_000, definitions());
      List<Step> steps = new ArrayList<>();
      for (int i = 15 + random.nextInt(MOST_STEPS - 15); i > 0; i--) {
        steps.add(step());
      }
      return new History(setup, List.copyOf(steps));
    }

    private List<Definition> definitions() {
      List<Definition> definitions = new ArrayList<>();
      int budgets = 1 + random.nextInt(4);
      int skipped = random.nextInt(2);
      for (int i = 0; i < budgets; i++) {
        definitions.add(definition(i + skipped * i, waits && i == 0));
      }
      return List.copyOf(definitions);
    }

    private Definition definition(int number, boolean waits) {
      Unit unit = UNITS.get(number % UNITS.size());
      boolean perTeam = !waits && chance(2);
      boolean perModel = !waits && chance(5);
      boolean early = fallsBackEarly && fallback != null && chance(2);
      return new Definition(
          "b" + number,
          unit,
          limit(unit),
          perTeam && !perModel && chance(2)
              ? Map.of("a", limit(unit), "c,\\", limit(unit))
              : Map.of(),
          span(early),
          perTeam ? List.of("team") : List.of(),
          perModel,
          chance(6) ? oneOf(Prices.BIG, Prices.NOVA) : null,
          chance(2)
              ? List.of()
              // Not 1, which is reported once for a limit and by denials too: ExhaustedBudgetsTest.
              : List.of(new BigDecimal("0.33"), new BigDecimal("0.8"), new BigDecimal("0.99")),
          chance(2) ? Mode.ENFORCE : oneOf(Mode.values()),
          oneOf(UnknownPrice.values()),
          chance(3),
          oneOf(1L, 20L, 60L),
          early || chance(2) ? fallback : null,
          early ? oneOf(new BigDecimal("0.5"), new BigDecimal("0.75")) : null,
          waits);
    }

    private Span span(boolean early) {
      Span span = oneOf(Span.values());
      return early && span == Span.RUN ? Span.LIFETIME : span;
    }

    private long limit(Unit unit) {
      long round =
          switch (unit) {
            case REQUESTS -> oneOf(1L, 2L, 3L, 5L);
            case TOKENS -> oneOf(50L, 100L, 150L, 300L, 500L, 1_500L);
            case NANO_USD -> oneOf(2_100_000L, 4_200_000L, 6_300_000L, 25_000_000L, 100_000_000L);
          };
      return chance(4) ? Math.max(1, round + random.nextInt(-1, 2)) : round;
    }

    private Step step() {
      int kind = random.nextInt(100);
      if (kind < 42) {
        return call();
      }
      if (kind < 67) {
        return new Step.Finish(random.nextInt(1_000), ending());
      }
      if (kind < 77) {
        return time();
      }
      if (waits && kind < 79) {
        return new Step.Leave(random.nextInt(1_000));
      }
      return change();
    }

    private Step call() {
      Kind kind = oneOf(Kind.values());
      String model =
          kind == Kind.INVOKE
              ? oneOf(Prices.BIG, Prices.SMALL)
              : oneOf(
                  Prices.BIG,
                  Prices.BIG,
                  Prices.SMALL,
                  Prices.NOVA,
                  Prices.UNPRICED,
                  Prices.UNHEARD_OF);
      Ask ask =
          new Ask(
              calls++,
              kind,
              model,
              chance(8) ? null : oneOf(TEAMS),
              chance(8) ? null : oneOf(40, 40, 90, 100, 240),
              oneOf(10, 10, 60));
      Ending ending = ending();
      boolean atOnce = ending.end() != End.ABANDONED && chance(2);
      return new Step.Call(ask, atOnce ? ending : null);
    }

    private Ending ending() {
      return new Ending(
          chance(2) ? End.ANSWERED : oneOf(End.values()), oneOf(0, 30, 100, 100, 150));
    }

    private Step time() {
      Duration time = oneOf(PASSES);
      if (chance(3) && !fallsBackEarly) {
        return new Step.Jump(oneOf(JUMPS));
      }
      if (passed.plus(time).compareTo(MOST_PASSING) > 0) {
        time = Duration.ofNanos(1);
      }
      passed = passed.plus(time);
      return new Step.Pass(time);
    }

    private Step change() {
      int budget = random.nextInt(1_000);
      return switch (random.nextInt(fallsBackEarly ? 6 : 7)) {
        case 0 -> new Step.SetMode(budget, oneOf(Mode.values()));
        case 1 ->
            new Step.GiveMore(
                budget,
                oneOf(TEAMS),
                oneOf(1L, 50L, 100L, 2_100_000L),
                oneOf(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofDays(2)));
        case 2 -> new Step.Freeze(budget, chance(2) ? null : oneOf(TEAMS));
        case 3 -> new Step.Thaw(budget, chance(2) ? null : oneOf(TEAMS));
        case 4, 5 ->
            new Step.Correct(
                budget, oneOf(TEAMS), oneOf(1L, 50L, 2_100_000L, -1L, -50L, -2_100_000L));
        default -> new Step.Replace(definitions());
      };
    }
  }
}
