// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.consumers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What projects of users resolve. The versions that a parent manages do not reach them, so it can
 * be other libraries than our tests ran with: each project here has no parent and manages nothing.
 */
class WhatUsersResolveTest {
  private static Modules modules;
  private static Resolver resolver;
  private static Advisories advisories;
  private static final Map<String, Map<String, Set<String>>> TESTED = new HashMap<>();

  @TempDir Path folder;

  @BeforeAll
  static void open() throws Exception {
    modules = new Modules();
    resolver = new Resolver(modules);
    advisories = Advisories.read();
  }

  @AfterAll
  static void close() {
    resolver.close();
  }

  static List<String> published() throws Exception {
    return new Modules().published();
  }

  private static String dependency(String artifactId, String version) {
    return "<dependency><groupId>%s</groupId><artifactId>%s</artifactId>%s</dependency>"
        .formatted(
            Modules.GROUP,
            artifactId,
            version.isEmpty() ? "" : "<version>" + version + "</version>");
  }

  private static String bom() {
    return dependency("bedrock-meter-bom", modules.version())
        .replace("</dependency>", "<type>pom</type><scope>import</scope></dependency>");
  }

  private ClassPath projectWith(String... artifactIds) {
    List<String> dependencies =
        Stream.of(artifactIds).map(id -> dependency(id, modules.version())).toList();
    return resolver.project(Resolver.write(folder, "consumer", List.of(), dependencies));
  }

  /** The versions that the tests of these modules run with. */
  private static Map<String, Set<String>> tested(List<String> artifactIds) {
    Map<String, Set<String>> all = new HashMap<>();
    for (String artifactId : artifactIds) {
      Map<String, Set<String>> own =
          TESTED.computeIfAbsent(
              artifactId,
              id -> {
                Map<String, Set<String>> versions = new HashMap<>();
                resolver.testsOf(id).versions().forEach((k, v) -> versions.put(k, Set.of(v)));
                versions.put(Modules.GROUP + ":" + id, Set.of(modules.version()));
                return versions;
              });
      own.forEach((key, set) -> all.computeIfAbsent(key, k -> new TreeSet<>()).addAll(set));
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("published")
  void aProjectWithOneArtifactResolvesWhatTheTestsOfTheArtifactRanWith(String artifactId) {
    ClassPath resolved = projectWith(artifactId);

    assertThat(resolved.untested(tested(List.of(artifactId)))).isEmpty();
    assertThat(advisories.of(resolved.versions())).isEmpty();
    assertThat(resolved.versions()).containsKey("software.amazon.awssdk:bedrockruntime");
  }

  @ParameterizedTest
  @MethodSource("published")
  void aProjectWithTwoArtifactsResolvesWhatTheTestsOfOneOfThemRanWith(String artifactId)
      throws Exception {
    for (String other : published()) {
      ClassPath resolved = projectWith(artifactId, other);

      assertThat(resolved.untested(tested(List.of(artifactId, other)))).as(other).isEmpty();
      assertThat(advisories.of(resolved.versions())).as(other).isEmpty();
    }
  }

  @Test
  void aProjectThatImportsTheBomNamesNoVersions() throws Exception {
    List<String> all = published();
    List<String> dependencies = all.stream().map(id -> dependency(id, "")).toList();

    ClassPath resolved =
        resolver.project(Resolver.write(folder, "all", List.of(bom()), dependencies));

    assertThat(resolved.versions().keySet())
        .containsAll(all.stream().map(id -> Modules.GROUP + ":" + id).toList());
    assertThat(resolved.untested(tested(all))).isEmpty();
    assertThat(advisories.of(resolved.versions())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("published")
  void noTestLibraryReachesAUser(String artifactId) {
    assertThat(projectWith(artifactId).versions().keySet())
        .noneMatch(key -> key.matches(".*(junit|assertj|awaitility|archunit|embedded-|zonky).*"))
        .noneMatch(key -> key.startsWith(Modules.GROUP + ":") && key.endsWith("-tests"));
  }

  /** The check itself: the Redis ledger as it was before it depended on netty. */
  @Test
  void aNettyThatComesBeforeTheTestedOneIsFound() throws Exception {
    try (Resolver before = new Resolver(modules)) {
      before.put(
          "bedrock-meter-redis", Path.of("src/test/projects/redis-before.xml").toAbsolutePath());
      Path pom =
          Resolver.write(
              folder,
              "before",
              List.of(),
              List.of(dependency("bedrock-meter-redis", modules.version())));

      ClassPath resolved = before.project(pom);

      assertThat(resolved.versions()).containsEntry("io.netty:netty-handler", "4.1.125.Final");
      assertThat(resolved.untested(tested(List.of("bedrock-meter-redis"))))
          .contains("io.netty:netty-handler 4.1.125.Final, but tested was [4.1.138.Final]");
      assertThat(advisories.of(resolved.versions()))
          .anySatisfy(
              line ->
                  assertThat(line)
                      .startsWith(
                          "io.netty:netty-handler 4.1.125.Final is below 4.1.135.Final: CVE-"));
    }
  }

  @Test
  void anAdvisoryConcernsOnlyVersionsBelowItsFix() {
    Advisories list =
        Advisories.of(List.of("# netty", "", "a:b 4.1.9.Final X-1 one", "c:* 2.0 X-2 two things"));

    assertThat(list.of(Map.of("a:b", "4.1.9.Final", "c:d", "2.0.1", "e:f", "0.1"))).isEmpty();
    assertThat(list.of(Map.of("a:b", "4.1.10.Final"))).isEmpty();
    assertThat(list.of(Map.of("a:b", "4.1.8.Final")))
        .containsExactly("a:b 4.1.8.Final is below 4.1.9.Final: X-1, one");
    assertThat(list.of(Map.of("c:d", "1.99", "c:e", "1.0")))
        .containsExactlyInAnyOrder(
            "c:d 1.99 is below 2.0: X-2, two things", "c:e 1.0 is below 2.0: X-2, two things");
  }

  @Test
  void aLineThatIsNoAdvisoryIsRefused() {
    assertThatThrownBy(() -> Advisories.of(List.of("io.netty 4.1.125.Final CVE-1 words")))
        .hasMessageContaining("a line is 'group:artifact fixed-in id what'")
        .hasMessageEndingWith("io.netty 4.1.125.Final CVE-1 words");
  }
}
