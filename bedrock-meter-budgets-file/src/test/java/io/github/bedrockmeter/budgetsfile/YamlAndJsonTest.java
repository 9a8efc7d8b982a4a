// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.github.bedrockmeter.budget.Budget;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A budget has the same meaning in both formats, whatever its names and amounts. */
class YamlAndJsonTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper QUOTED_YAML = new ObjectMapper(new YAMLFactory());
  private static final ObjectMapper PLAIN_YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
              .build());
  private static final Path FILE = Path.of("budgets");

  private static final List<String> TEXTS =
      List.of(
          "search",
          "no",
          "1.10",
          "007",
          "~",
          "null",
          "a: b",
          "#tag",
          "*star",
          "- dash",
          "&x",
          "it's",
          "say \"so\"",
          "tab\there",
          "two\nlines",
          "comma, here",
          "back\\slash",
          "Zürich",
          "予算",
          " padded ",
          "{brace}",
          "0x1F",
          "12:30:45",
          "<<",
          "=",
          "!tag",
          "%",
          "true");

  /** Texts that can be the name of a tag that a budget counts per. */
  private static final List<String> TAGS =
      TEXTS.stream().filter(text -> !text.matches(".*[=,\\\\].*")).toList();

  private final Random random = new Random(20261123);

  @Test
  void everyValidJsonFileReadsTheSameAsYaml() throws IOException {
    for (int i = 0; i < 100; i++) {
      Map<String, Object> file = Map.of("budgets", budgets());
      String json = JSON.writeValueAsString(file);
      Map<Object, Budget> expected = Definitions.parse(FILE, false, json);

      for (ObjectMapper mapper : List.of(QUOTED_YAML, PLAIN_YAML)) {
        String yaml = mapper.writeValueAsString(file);
        Map<Object, Budget> read = Definitions.parse(FILE, true, yaml);
        assertThat(read.keySet())
            .as("%s as %s", json, yaml)
            .containsExactlyElementsOf(expected.keySet());
        assertThat(Described.all(List.copyOf(read.values())))
            .isEqualTo(Described.all(List.copyOf(expected.values())));
      }
    }
  }

  private List<Map<String, Object>> budgets() {
    List<Map<String, Object>> budgets = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      budgets.add(budget(one(TEXTS) + i));
    }
    return budgets;
  }

  private Map<String, Object> budget(String name) {
    Map<String, Object> budget = new LinkedHashMap<>();
    String unit = one(List.of(" USD", " tokens", " requests"));
    budget.put("name", name);
    budget.put("limit", amount(unit));
    budget.put(
        "window",
        one(List.of("minutely", "daily in UTC", "weekly from sunday in Asia/Tokyo", "lifetime")));
    sometimes(budget, "mode", one(List.of("enforce", "shadow", "observe")));
    sometimes(budget, "perModel", false);
    sometimes(budget, "warnAt", List.of(new BigDecimal("0.5"), new BigDecimal("0.950"), 1));
    sometimes(budget, "leastOutputTokens", 1 + random.nextInt(10_000));
    sometimes(budget, "requireMaxTokens", true);
    sometimes(budget, "defaultMaxTokens", 1 + random.nextInt(10_000));
    sometimes(budget, "requireBound", random.nextBoolean());
    sometimes(budget, "fallback", Map.of("model", one(TEXTS), "atShare", new BigDecimal("0.9")));
    sometimes(budget, "waitUpTo", "PT" + random.nextInt(100) + "S");
    sometimes(budget, "when", Map.of("models", List.of(one(TEXTS)), "tags", Map.of("t", "x*")));
    if (random.nextBoolean()) {
      String tag = one(TAGS);
      String scope = tag + "=" + one(TEXTS).replace("\\", "\\\\").replace(",", "\\,");
      budget.put("per", tag);
      sometimes(budget, "limits", Map.of(scope, amount(unit)));
      sometimes(budget, "frozen", Map.of(scope, one(TEXTS)));
      sometimes(
          budget,
          "grants",
          List.of(
              Map.of(
                  "scope",
                  scope,
                  "extra",
                  amount(unit),
                  "until",
                  "2026-11-27T18:00:00+01:00",
                  "reason",
                  one(TEXTS))));
    }
    return budget;
  }

  private String amount(String unit) {
    String whole = String.valueOf(random.nextInt(1_000_000_000));
    return whole + (unit.equals(" USD") ? "." + random.nextInt(1_000_000_000) : "") + unit;
  }

  private void sometimes(Map<String, Object> budget, String key, Object value) {
    if (random.nextBoolean()) {
      budget.put(key, value);
    }
  }

  private <T> T one(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
