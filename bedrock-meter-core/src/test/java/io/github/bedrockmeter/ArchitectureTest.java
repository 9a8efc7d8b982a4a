// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Timer;
import java.util.concurrent.Executors;

/** Which room may know which; the table in docs/architecture.md. */
@AnalyzeClasses(
    packages = "io.github.bedrockmeter",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.CoreOnly.class})
class ArchitectureTest {
  /** The test kit is on the class path of these tests and follows rules of its own. */
  static final class CoreOnly implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("bedrockmeter/testkit");
    }
  }

  private static final String ROOT = "io.github.bedrockmeter";
  private static final String[] JAVA = {"java..", "org.jspecify.annotations.."};

  private static ArchRule room(String room, String... mayKnow) {
    String[] all = new String[JAVA.length + mayKnow.length + 1];
    System.arraycopy(JAVA, 0, all, 0, JAVA.length);
    System.arraycopy(mayKnow, 0, all, JAVA.length, mayKnow.length);
    all[all.length - 1] = ROOT + "." + room;
    return classes()
        .that()
        .resideInAPackage(ROOT + "." + room)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(all);
  }

  @ArchTest
  static final ArchRule usageKnowsTheSdksModel =
      room("usage", "software.amazon.awssdk..", "com.fasterxml.jackson.core..");

  @ArchTest static final ArchRule priceKnowsUsage = room("price", ROOT + ".usage");

  @ArchTest
  static final ArchRule callKnowsUsageAndPrice = room("call", ROOT + ".usage", ROOT + ".price");

  @ArchTest
  static final ArchRule ledgerKnowsNothing = room("ledger", "com.github.benmanes.caffeine..");

  /** The SDK only for BudgetExceededException, which is one of Bedrock's own exceptions. */
  @ArchTest
  static final ArchRule budgetKnowsTheFacts =
      room(
          "budget",
          ROOT + ".call",
          ROOT + ".usage",
          ROOT + ".price",
          ROOT + ".ledger",
          "org.slf4j..",
          "software.amazon.awssdk..");

  @ArchTest
  static final ArchRule eventKnowsTheFacts =
      room(
          "event",
          ROOT + ".call",
          ROOT + ".budget",
          ROOT + ".usage",
          ROOT + ".price",
          ROOT + ".ledger",
          "org.slf4j..");

  @ArchTest
  static final ArchRule noRoomLeadsBackToTheLobby =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".*..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT);

  @ArchTest
  static final ArchRule nobodyButTheLobbyKnowsInternals =
      noClasses()
          .that()
          .resideInAnyPackage(
              ROOT + ".usage",
              ROOT + ".price",
              ROOT + ".call",
              ROOT + ".ledger",
              ROOT + ".budget",
              ROOT + ".event")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT + ".internal..");

  @ArchTest
  static final ArchRule readersKnowNothingOfTheLifecycle =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".internal.reading")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              ROOT + ".internal", ROOT + ".budget", ROOT + ".event", ROOT + ".ledger");

  @ArchTest
  static final ArchRule roomsHaveNoCycles =
      slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule coreStartsNoThread =
      noClasses()
          .should()
          .callConstructor(Thread.class)
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(Timer.class, Executors.class);
}
