// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Budget.Grant;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.usage.Usage;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetsFileTest {
  private static final Path COMPLETE = Path.of("src/test/resources/complete.json");

  @TempDir Path folder;

  private List<Budget> yaml(String text) throws IOException {
    return BudgetsFile.read(Files.writeString(folder.resolve("budgets.yaml"), text));
  }

  /** A budget of 1 USD with more keys, one in each line. */
  private Budget with(String... lines) throws IOException {
    return yaml("budgets:\n  - name: one\n    limit: 1 USD\n    window: lifetime\n    "
            + String.join("\n    ", lines))
        .get(0);
  }

  @Test
  void everyKeyReachesTheBudget() {
    List<Budget> budgets = BudgetsFile.read(COMPLETE);

    assertThat(budgets)
        .extracting(Budget::name)
        .containsExactly("tenant-daily", "claude-in-production", "agent-run", "burst");
    Budget daily = budgets.get(0);
    assertThat(daily.limit()).isEqualTo(Amount.usd("25.00"));
    assertThat(daily.window()).hasToString("daily in Europe/Berlin");
    assertThat(daily.tagNames()).containsExactly("tenant");
    assertThat(daily.limitOf("tenant=acme")).isEqualTo(Amount.usd("100"));
    assertThat(daily.limitOf("tenant=trial")).isEqualTo(Amount.usd("0.5"));
    assertThat(daily.limitOf("tenant=initech")).isEqualTo(Amount.usd("25"));
    assertThat(daily.warnings())
        .containsExactly(new BigDecimal("0.5"), new BigDecimal("0.8"), new BigDecimal("1"));
    assertThat(daily.onShortfall()).isEqualTo(Budget.OnShortfall.FIT_OUTPUT);
    assertThat(daily.leastOutputTokens()).isEqualTo(512);
    assertThat(daily.requiresMaxTokens()).isTrue();
    assertThat(daily.defaultMaxTokens()).isEqualTo(4_000);
    assertThat(daily.requiresBound()).isTrue();
    assertThat(daily.fallback())
        .isEqualTo(new Budget.Fallback("amazon.nova-lite-v1:0", new BigDecimal("0.9")));
    assertThat(daily.waitUpTo()).isEqualTo(Duration.ofSeconds(2));
    assertThat(daily.grants())
        .containsExactly(
            new Grant(
                "tenant=acme",
                Amount.usd("50"),
                Instant.parse("2026-11-27T17:00:00Z"),
                "launch week"));
    assertThat(daily.frozen()).isEqualTo(Map.of("tenant=globex", "contract ended"));

    assertThat(budgets.get(1).limit()).isEqualTo(Amount.usd("20000"));
    assertThat(budgets.get(1).unknownPrice()).isEqualTo(Budget.UnknownPrice.CONSERVATIVE);
    assertThat(budgets.get(2).window().idle()).isEqualTo(Duration.ofMinutes(30));
    assertThat(budgets.get(2).tagNames()).containsExactly("run", "team");
    assertThat(budgets.get(2).limitOf("run=nightly,team=research"))
        .isEqualTo(Amount.tokens(10_000_000));
    assertThat(budgets.get(3).limit()).isEqualTo(Amount.requests(600));
    assertThat(budgets.get(3).perModel()).isTrue();
    assertThat(budgets.get(3).mode()).isEqualTo(Budget.Mode.SHADOW);
  }

  @Test
  void aKeyThatIsLeftOutHasTheBuildersDefault() throws IOException {
    Budget built = Budget.named("one").limit(Amount.usd("1")).window(Window.lifetime()).build();

    assertThat(Described.of(with())).isEqualTo(Described.of(built));
  }

  @Test
  void theDocumentedYamlExampleEqualsTheJsonFile() throws IOException {
    Matcher example =
        Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("../docs/budgets-file.md")));
    assertThat(example.find()).isTrue();

    Path yaml = Files.writeString(folder.resolve("documented.yaml"), example.group(1));

    assertThat(Definitions.parse(yaml, true, SourceFile.at(yaml).read()).keySet())
        .containsExactlyElementsOf(
            Definitions.parse(COMPLETE, false, SourceFile.at(COMPLETE).read()).keySet());
    assertThat(Described.all(BudgetsFile.read(yaml)))
        .isEqualTo(Described.all(BudgetsFile.read(COMPLETE)));
  }

  @Test
  void everyWindowOfTheApiCanBeWritten() throws IOException {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    Map<String, Window> windows =
        Map.of(
            "minutely", Window.minutely(),
            "hourly in UTC", Window.hourly(ZoneOffset.UTC),
            "daily in Z", Window.daily(ZoneOffset.UTC),
            "weekly in Europe/Berlin", Window.weekly(berlin),
            "weekly from sunday in Europe/Berlin", Window.weekly(berlin, DayOfWeek.SUNDAY),
            "monthly in +01:00", Window.monthly(ZoneOffset.ofHours(1)),
            "lifetime", Window.lifetime(),
            "until idle for PT1H30M", Window.untilIdle(Duration.ofMinutes(90)));

    Instant now = Instant.parse("2026-11-23T21:00:00Z");
    for (Map.Entry<String, Window> window : windows.entrySet()) {
      Window read =
          yaml("budgets: [{name: one, limit: 1 USD, window: " + window.getKey() + "}]")
              .get(0)
              .window();
      assertThat(read).hasToString(window.getValue().toString());
      assertThat(read.spanAt(now)).isEqualTo(window.getValue().spanAt(now));
      assertThat(read.idle()).isEqualTo(window.getValue().idle());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0.1", "25.10", "9007199.254740993", "0.000000001", "9_000_000_000.123456789"})
  void amountsAreExact(String dollars) throws IOException {
    Budget budget =
        yaml("budgets: [{name: a, limit: " + dollars + " USD, window: lifetime}]").get(0);

    assertThat(budget.limit()).isEqualTo(Amount.usd(dollars.replace("_", "")));
  }

  @Test
  void countsAreExactBeyondThePrecisionOfADouble() throws IOException {
    Budget budget =
        yaml("budgets: [{name: a, limit: 9223372036854775807 tokens, window: lifetime}]").get(0);

    assertThat(budget.limit()).isEqualTo(Amount.tokens(Long.MAX_VALUE));
  }

  @Test
  void aFilterCountsCallsThatMatchAllItsConditions() throws IOException {
    Budget budget =
        with("when:", "  models: ['*anthropic.claude*', nova.1]", "  tags: {env: [prod, test-*]}");

    assertThat(budget.appliesTo(call("us.anthropic.claude-x", "env", "prod"))).isTrue();
    assertThat(budget.appliesTo(call("anthropic.claude-x", "env", "test-7"))).isTrue();
    assertThat(budget.appliesTo(call("nova.1", "env", "prod", "team", "any"))).isTrue();
    assertThat(budget.appliesTo(call("nova-1", "env", "prod"))).isFalse();
    assertThat(budget.appliesTo(call("nova.10", "env", "prod"))).isFalse();
    assertThat(budget.appliesTo(call("nova.1", "env", "dev"))).isFalse();
    assertThat(budget.appliesTo(call("nova.1"))).isFalse();
  }

  private static MeteredCall call(String model, String... tags) {
    return new MeteredCall(
        "id",
        "Converse",
        model,
        new PriceKey(model, null, PriceKey.STANDARD, Instant.EPOCH),
        Tags.of(tags),
        Usage.NONE,
        Usage.NONE,
        new Cost.Unknown("not priced", BigDecimal.ZERO),
        List.of());
  }

  @Test
  void aScopeValueCanContainAComma() throws IOException {
    Budget budget = with("per: team", "limits:", "  'team=search\\, ads': 7 USD");

    assertThat(budget.limitOf(budget.scopeOf(call("nova", "team", "search, ads"))))
        .isEqualTo(Amount.usd("7"));
  }

  @Test
  void limitsPerModelAreGivenByScope() throws IOException {
    Budget budget = with("perModel: true", "limits:", "  model=amazon.nova-lite-v1:0: 7 USD");

    assertThat(budget.limitOf(budget.scopeOf(call("amazon.nova-lite-v1:0"))))
        .isEqualTo(Amount.usd("7"));
  }

  @Test
  void aBudgetWithOneBalanceIsGrantedAndFrozenByTheEmptyScope() throws IOException {
    Budget budget =
        with(
            "grants: [{extra: 2 USD, until: forever, reason: new price list}]",
            "frozen: {'': migration}");

    assertThat(budget.grants())
        .containsExactly(new Grant("", Amount.usd("2"), Instant.MAX, "new price list"));
    assertThat(budget.frozen()).isEqualTo(Map.of("", "migration"));
  }

  @Test
  void scopesInAnotherOrderAreRefusedWithTheRightOrder() {
    assertThatThrownBy(() -> with("per: [team, run]", "frozen: {'team=a,run=b': stopped}"))
        .isInstanceOf(BudgetsFileException.class)
        .hasMessageEndingWith(
            "budgets.yaml:6:14: budget 'one' has scopes written as 'run=...,team=...'; got"
                + " 'team=a,run=b' (did you mean 'run=b,team=a'?)");
  }

  @Test
  void aValueWithoutItsTagIsRefusedWithTheScope() {
    assertThatThrownBy(() -> with("per: team", "limits: {search: 7 USD}"))
        .isInstanceOf(BudgetsFileException.class)
        .hasMessageEndingWith(
            "budgets.yaml:6:14: budget 'one' has scopes written as 'team=...'; got 'search' (did"
                + " you mean 'team=search'?)");
  }

  @Test
  void theOnlyBalanceHasNoLimitOfItsOwn() {
    assertThatThrownBy(() -> with("limits: {'': 7 USD}"))
        .isInstanceOf(BudgetsFileException.class)
        .hasMessageEndingWith(
            "budgets.yaml:5:14: the budget has one balance, whose limit is given as 'limit'");
  }

  @Test
  void aTagNamedModelIsRefusedWhereModelsAreCountedToo() {
    assertThatThrownBy(() -> with("per: model", "perModel: true", "frozen: {'model=a': stopped}"))
        .isInstanceOf(BudgetsFileException.class)
        .hasMessageContaining("budgets.yaml:6:15: budget 'one' counts per model and per a tag");
  }

  @Test
  void aByteOrderMarkIsIgnored() throws IOException {
    assertThat(yaml("\uFEFFbudgets: []")).isEmpty();
  }

  @Test
  void layoutAndOrderOfKeysDoNotChangeADefinition() {
    Path file = Path.of("x.yaml");
    String block = "budgets:\n  - name: a   # the first\n    limit: 1 USD\n    window: lifetime\n";
    String flow = "budgets: [{window: 'lifetime', limit: \"1 USD\", name: a}]";
    String other = "budgets: [{window: lifetime, limit: 2 USD, name: a}]";

    assertThat(Definitions.parse(file, true, block).keySet())
        .isEqualTo(Definitions.parse(file, true, flow).keySet())
        .isNotEqualTo(Definitions.parse(file, true, other).keySet());
  }

  @Test
  void aMissingFileIsReportedAsUnreadable() {
    Path missing = folder.resolve("missing.yaml");

    assertThatThrownBy(() -> BudgetsFile.read(missing))
        .isInstanceOf(BudgetsFileException.class)
        .hasMessageStartingWith(missing + " cannot be read: ")
        .hasCauseInstanceOf(IOException.class);
  }

  @Test
  void aFileNameThatIsNeitherYamlNorJsonIsRefused() {
    assertThatThrownBy(() -> BudgetsFile.read(Path.of("budgets.txt")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the name of a budgets file must end with .yaml, .yml or .json; got 'budgets.txt'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"budgets.yaml", "budgets.json"})
  void aFileThatIsNestedTooDeeplyIsRefused(String name) throws IOException {
    char[] deep = new char[100_000];
    Arrays.fill(deep, '[');
    Path file = Files.writeString(folder.resolve(name), new String(deep));

    assertThatThrownBy(() -> BudgetsFile.read(file)).isInstanceOf(BudgetsFileException.class);
  }
}
