// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What keeps the code of all modules small enough to be drawn from memory. */
class HouseTest {
  private static final String ROOT = "io.github.bedrockmeter";
  private static final int LONGEST_FILE = 400;
  private static final int MOST_PARAMETERS = 8;
  private static final int CORE_MEDIAN = 75;
  private static final int CORE_NINETIETH = 220;

  /** Public types of core outside internal. One more is a decision: change the number with it. */
  private static final int PUBLIC_TYPES = 38;

  /** The same with those that are nested. */
  private static final int PUBLIC_TYPES_AND_NESTED = 110;

  /** Files that may be longer, and why. */
  private static final Map<String, String> LONG_FILES =
      Map.of(
          "bedrock-meter-core/src/main/java/io/github/bedrockmeter/budget/Budget.java",
          "a value and its builder, whose setters each check their own argument",
          "bedrock-meter-core/src/main/java/io/github/bedrockmeter/BedrockMeter.java",
          "the lobby: its builder has a setter for each room",
          "ledgers/jdbc/src/main/java/io/github/bedrockmeter/jdbc/ledger/JdbcLedger.java",
          "each question of a ledger, and its builder, whose setters each check their own argument");

  /**
   * Words that hide what is meant; "report", "notify", "the caller" or "highest-priced" show it.
   */
  private static final Pattern RIDDLES =
      Pattern.compile(
          "\\b(tell|tells|telling|told|untold|mishap|dearer|dearest|somebody|nobody)\\b",
          Pattern.CASE_INSENSITIVE);

  /** Lines that need such a word, each with what it says. */
  private static final List<String> NEEDED = List.of();

  private static JavaClasses classes;

  @BeforeAll
  static void readClasses() {
    classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPaths(Sources.compiled().toArray(Path[]::new));
  }

  @Test
  void noFileOfMainCodeIsLong() {
    Map<String, Integer> tooLong = new HashMap<>();
    for (Path file : Sources.mainCode()) {
      int lines = Sources.lines(file).size();
      if (lines > LONGEST_FILE && !LONG_FILES.containsKey(Sources.name(file))) {
        tooLong.put(Sources.name(file), lines);
      }
    }

    assertThat(tooLong).isEmpty();
  }

  @Test
  void longFilesThatAreAllowedExistAndAreLong() {
    for (String file : LONG_FILES.keySet()) {
      assertThat(Sources.lines(Sources.ROOT.resolve(file))).hasSizeGreaterThan(LONGEST_FILE);
    }
  }

  @Test
  void coreIsMadeOfShortFiles() {
    List<Integer> lengths =
        Sources.core().stream()
            .filter(file -> !file.endsWith("package-info.java"))
            .map(file -> Sources.lines(file).size())
            .sorted()
            .toList();
    int median = lengths.get(lengths.size() / 2);
    int ninetieth = lengths.get(lengths.size() * 9 / 10);

    System.out.printf(
        "core: %d files, median %d lines, 90th percentile %d, longest %d%n",
        lengths.size(), median, ninetieth, lengths.get(lengths.size() - 1));
    assertThat(median).isLessThanOrEqualTo(CORE_MEDIAN);
    assertThat(ninetieth).isLessThanOrEqualTo(CORE_NINETIETH);
  }

  @Test
  void parameterListsAreShort() {
    TreeSet<String> tooLong = new TreeSet<>();
    for (JavaClass type : classes) {
      for (JavaCodeUnit unit : type.getCodeUnits()) {
        boolean isGenerated =
            unit.getModifiers().contains(JavaModifier.SYNTHETIC)
                || type.getPackageName().contains("jmh_generated");
        if (unit.getRawParameterTypes().size() > MOST_PARAMETERS
            && !type.isRecord()
            && !isGenerated) {
          tooLong.add(unit.getFullName());
        }
      }
    }

    assertThat(tooLong).isEmpty();
  }

  @Test
  void classesOfOnePackageMakeNoCircle() {
    assertThat(Circles.ofClasses(withoutGenerated())).isEmpty();
  }

  @Test
  void packagesMakeNoCircle() {
    assertThat(Circles.ofPackages(withoutGenerated(), ROOT)).isEmpty();
  }

  private static List<JavaClass> withoutGenerated() {
    return classes.stream()
        .filter(type -> !type.getPackageName().contains("jmh_generated"))
        .toList();
  }

  @Test
  void aNewPublicTypeOfCoreIsADecision() {
    List<String> top = new ArrayList<>();
    List<String> all = new ArrayList<>();
    for (JavaClass type : classes) {
      boolean isCore =
          type.getSource()
              .map(source -> source.getUri().getPath().contains("/bedrock-meter-core/"))
              .orElse(false);
      if (isCore
          && !type.getPackageName().contains(".internal")
          && !type.getSimpleName().equals("package-info")
          && isPublic(type)) {
        all.add(type.getName());
        if (type.isTopLevelClass()) {
          top.add(type.getName());
        }
      }
    }

    System.out.printf(
        "core: %d public types outside internal, %d with those nested%n", top.size(), all.size());
    assertThat(top).hasSize(PUBLIC_TYPES);
    assertThat(all).hasSize(PUBLIC_TYPES_AND_NESTED);
  }

  /** Whether a type and all that it is nested in are public. */
  private static boolean isPublic(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && !type.isAnonymousClass()
        && !type.isLocalClass()
        && type.getEnclosingClass().map(HouseTest::isPublic).orElse(true);
  }

  /** Log escapes what it is given; FakeBedrock is for tests and does not know core. */
  @Test
  void linesAreLoggedThroughLogAlone() {
    List<String> others = new ArrayList<>();
    for (Path file : Sources.mainCode()) {
      boolean mayUseALogger =
          file.endsWith("internal/text/Log.java") || file.endsWith("testkit/FakeBedrock.java");
      if (!mayUseALogger && Sources.lines(file).contains("import org.slf4j.Logger;")) {
        others.add(Sources.name(file));
      }
    }

    assertThat(others).isEmpty();
  }

  @Test
  void codeAndPagesArePlainEnglish() {
    List<String> riddles = new ArrayList<>();
    List<Path> files = new ArrayList<>(Sources.mainCode());
    files.addAll(Sources.pages());
    for (Path file : files) {
      List<String> lines = Sources.lines(file);
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        if (RIDDLES.matcher(line).find() && NEEDED.stream().noneMatch(line::contains)) {
          riddles.add(Sources.name(file) + ":" + (i + 1) + ": " + line.strip());
        }
      }
    }

    assertThat(riddles).isEmpty();
  }
}
