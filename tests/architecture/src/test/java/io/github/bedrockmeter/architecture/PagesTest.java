// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.budget.BudgetDecision.DenialKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A page that lists what is in the code lists all of it, and nothing else. */
class PagesTest {
  private static final String ROOT = "io.github.bedrockmeter.";
  private static final Pattern LOGGER =
      Pattern.compile("LoggerFactory\\.getLogger\\(\\s*(?:(\\w+)\\.class|\"([^\"]+)\")\\s*\\)");
  private static final Pattern IN_CODE_FONT = Pattern.compile("`([^`]+)`");
  private static final Pattern DENIAL_ROW = Pattern.compile("\\| `([A-Z_]+)` \\| (\\d{3}) \\|.*");

  private static List<String> page(String name) {
    return Sources.lines(Sources.ROOT.resolve("docs").resolve(name));
  }

  private static Stream<String> inCodeFont(String text) {
    return IN_CODE_FONT.matcher(text).results().map(found -> found.group(1));
  }

  @Test
  void everyLoggerIsOnTheirPageAndNoOther() {
    Set<String> used = new TreeSet<>();
    for (Path file : Sources.mainCode()) {
      String source = String.join("\n", Sources.lines(file));
      LOGGER.matcher(source).results().forEach(found -> used.add(loggerName(file, found)));
    }

    assertThat(used).hasSizeGreaterThan(20);
    assertThat(loggersOnThePage()).isEqualTo(used);
  }

  /** A logger's name as the page has it: without the root of all packages. */
  private static String loggerName(Path file, MatchResult found) {
    if (found.group(2) != null) {
      return found.group(2);
    }
    String name = Sources.name(file);
    int start = name.indexOf("/src/main/java/") + "/src/main/java/".length();
    String folder = name.substring(start, name.lastIndexOf('/') + 1);
    return (folder.replace('/', '.') + found.group(1)).replace(ROOT, "");
  }

  /** The names in headings, and in the first column of tables. */
  private static Set<String> loggersOnThePage() {
    return page("loggers.md").stream()
        .filter(line -> line.startsWith("## `") || line.startsWith("| `"))
        .map(line -> line.startsWith("|") ? line.split("\\|", 3)[1] : line)
        .flatMap(PagesTest::inCodeFont)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyKindOfDenialIsOnTheirPageWithItsStatus() {
    Map<String, Integer> used = new TreeMap<>();
    List<String> reserved = new ArrayList<>();
    for (String line : page("denials.md")) {
      DENIAL_ROW
          .matcher(line)
          .results()
          .forEach(row -> used.put(row.group(1), Integer.valueOf(row.group(2))));
      if (line.matches("`.* (is|are) reserved;.*")) {
        inCodeFont(line).forEach(reserved::add);
      }
    }

    Map<String, Integer> expected = new TreeMap<>();
    List<String> kinds = new ArrayList<>();
    for (DenialKind kind : DenialKind.values()) {
      kinds.add(kind.name());
      if (!reserved.contains(kind.name())) {
        expected.put(kind.name(), kind.httpStatus());
      }
    }
    assertThat(used).isEqualTo(expected);
    assertThat(reserved).isSubsetOf(kinds);
  }
}
