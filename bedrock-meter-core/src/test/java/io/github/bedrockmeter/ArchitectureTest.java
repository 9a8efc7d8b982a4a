// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.github.bedrockmeter.internal.support.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Timer;
import java.util.TreeSet;
import java.util.concurrent.Executors;

/** Which room may know which; the table in docs/architecture.md. */
@AnalyzeClasses(
    packages = "io.github.bedrockmeter",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.CoreOnly.class})
class ArchitectureTest {
  /** FakeBedrock is on the class path of these tests and follows rules of its own. */
  static final class CoreOnly implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("bedrockmeter/testkit");
    }
  }

  private static final String ROOT = "io.github.bedrockmeter";
  private static final String SDK = "software.amazon.awssdk";
  private static final String SLF4J = "org.slf4j";
  private static final String JACKSON = "com.fasterxml.jackson.core";
  private static final String CAFFEINE = "com.github.benmanes.caffeine";
  private static final String STREAMS = "org.reactivestreams";

  /**
   * A room, and what it may know besides the rooms below it.
   *
   * @param below the highest rooms it may know, where that is not every room below
   */
  private record Room(String name, List<String> libraries, List<String> below) {
    static Room of(String name, String... libraries) {
      return new Room(name, List.of(libraries), List.of());
    }

    /** Only these rooms, not all that are below. */
    Room knowingOnly(String... rooms) {
      return new Room(name, libraries, List.of(rooms));
    }
  }

  /** From the lobby down: arrows go down this list only. */
  private static final List<Room> ROOMS =
      List.of(
          Room.of("", SDK),
          Room.of("internal.client", SDK, SLF4J, JACKSON, CAFFEINE, STREAMS),
          Room.of("internal.call", SDK, SLF4J, JACKSON, CAFFEINE),
          Room.of("internal.estimate", SDK, SLF4J, JACKSON, CAFFEINE),
          Room.of("internal.budgets", SDK, SLF4J, JACKSON, CAFFEINE),
          Room.of("internal.request", SDK, SLF4J, JACKSON, CAFFEINE),
          Room.of("internal.reading", SDK, JACKSON).knowingOnly("usage", "price"),
          Room.of("internal.support", SDK, SLF4J)
              .knowingOnly("event", "budget", "call", "price", "usage", "ledger"),
          Room.of("event", SLF4J),
          Room.of("budget", SLF4J, SDK),
          Room.of("call").knowingOnly("price", "usage"),
          Room.of("price").knowingOnly("usage"),
          Room.of("usage", SDK, JACKSON).knowingOnly("internal.text"),
          Room.of("ledger", CAFFEINE, SLF4J).knowingOnly("internal.text"),
          Room.of("internal.text", SLF4J).knowingOnly());

  @ArchTest
  static void arrowsGoDownOnly(JavaClasses classes) {
    TreeSet<String> wrong = new TreeSet<>();
    for (JavaClass origin : classes) {
      int from = roomOf(origin);
      for (Dependency dependency : origin.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (!mayKnow(from, target)) {
          wrong.add(origin.getName() + " -> " + target.getName());
        }
      }
    }

    assertThat(wrong).isEmpty();
  }

  @ArchTest
  static void everyRoomOfTheListExists(JavaClasses classes) {
    List<String> empty = new ArrayList<>();
    for (Room room : ROOMS) {
      if (classes.stream().noneMatch(type -> type.getPackageName().equals(packageOf(room)))) {
        empty.add(room.name());
      }
    }

    assertThat(empty).isEmpty();
  }

  private static boolean mayKnow(int from, JavaClass target) {
    String name = target.getPackageName();
    if (target.isPrimitive() || name.startsWith("java") || name.startsWith("org.jspecify")) {
      return true;
    }
    Room room = ROOMS.get(from);
    if (!name.startsWith(ROOT)) {
      return room.libraries().stream().anyMatch(name::startsWith);
    }
    int to = roomOf(target);
    boolean known = room.below().isEmpty() || room.below().contains(ROOMS.get(to).name());
    return from == to || isOpen(to) || (from < to && known);
  }

  /** The room of words is open to all, as Java is. */
  private static boolean isOpen(int room) {
    return ROOMS.get(room).name().equals("internal.text");
  }

  private static int roomOf(JavaClass type) {
    for (int i = 0; i < ROOMS.size(); i++) {
      if (type.getPackageName().equals(packageOf(ROOMS.get(i)))) {
        return i;
      }
    }
    throw new AssertionError(type.getName() + " is in no room of the list");
  }

  private static String packageOf(Room room) {
    return room.name().isEmpty() ? ROOT : ROOT + "." + room.name();
  }

  @ArchTest
  static final ArchRule onlyTheWorkersAreThreads =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(Workers.class.getName())
          .should()
          .callConstructor(Thread.class)
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(Timer.class, Executors.class);
}
