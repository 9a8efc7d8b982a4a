// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.architecture;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Groups of classes, or of packages, that all reach each other. */
final class Circles {
  private Circles() {}

  /**
   * Circles between the classes of one package. Nested types count as their outer; an interface may
   * know the implementations that its static methods, or the constants made with them, return.
   */
  static List<Set<String>> ofClasses(Iterable<JavaClass> classes) {
    Map<String, Set<String>> arrows = new TreeMap<>();
    for (JavaClass type : classes) {
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        String from = outer(type);
        String to = outer(target);
        if (!from.equals(to)
            && type.getPackageName().equals(target.getPackageName())
            && !isFactoryOf(type, target)) {
          arrows.computeIfAbsent(from, none -> new TreeSet<>()).add(to);
        }
      }
    }
    return circles(arrows);
  }

  /** Circles between packages. */
  static List<Set<String>> ofPackages(Iterable<JavaClass> classes, String root) {
    Map<String, Set<String>> arrows = new TreeMap<>();
    for (JavaClass type : classes) {
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        String to = dependency.getTargetClass().getBaseComponentType().getPackageName();
        if (!type.getPackageName().equals(to) && to.startsWith(root)) {
          arrows.computeIfAbsent(type.getPackageName(), none -> new TreeSet<>()).add(to);
        }
      }
    }
    return circles(arrows);
  }

  /** Whether {@code target} implements the interface, which knows it in static methods alone. */
  private static boolean isFactoryOf(JavaClass type, JavaClass target) {
    return type.isInterface()
        && target.isAssignableTo(type.getName())
        && type.getAccessesFromSelf().stream()
            .filter(access -> outer(access.getTargetOwner()).equals(outer(target)))
            .allMatch(Circles::isInStaticMethod);
  }

  private static boolean isInStaticMethod(JavaAccess<?> access) {
    JavaCodeUnit origin = access.getOrigin();
    return origin.getModifiers().contains(JavaModifier.STATIC);
  }

  private static String outer(JavaClass type) {
    String name = type.getName();
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }

  /** Every group of more than one whose members all reach each other. */
  private static List<Set<String>> circles(Map<String, Set<String>> arrows) {
    Map<String, Set<String>> reached = new HashMap<>();
    for (String start : arrows.keySet()) {
      reached.put(start, reachable(start, arrows));
    }
    Set<Set<String>> circles = new HashSet<>();
    for (String one : arrows.keySet()) {
      Set<String> circle = new TreeSet<>();
      for (String other : reached.get(one)) {
        if (reached.getOrDefault(other, Set.of()).contains(one)) {
          circle.add(other);
        }
      }
      if (circle.size() > 1) {
        circles.add(circle);
      }
    }
    return new ArrayList<>(circles);
  }

  private static Set<String> reachable(String start, Map<String, Set<String>> arrows) {
    Set<String> seen = new HashSet<>();
    Collection<String> next = arrows.getOrDefault(start, Set.of());
    while (!next.isEmpty()) {
      Set<String> further = new HashSet<>();
      for (String name : next) {
        if (seen.add(name)) {
          further.addAll(arrows.getOrDefault(name, Set.of()));
        }
      }
      next = further;
    }
    return seen;
  }
}
