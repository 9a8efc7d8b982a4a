// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.consumers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What GraalVM's native-image must be given for each library: the proxies, what is called by
 * reflection, and the resources. No native compiler is at hand here; what is named is there, and
 * what is used is named.
 */
class NativeImageMetadataTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static List<String> published() throws Exception {
    return new Modules().published();
  }

  private static Path resources(String artifactId) throws Exception {
    return new Modules().folder(artifactId).resolve("src/main/resources");
  }

  private static JsonNode metadata(String artifactId) throws Exception {
    Path file =
        resources(artifactId)
            .resolve("META-INF/native-image/io.github.bedrockmeter")
            .resolve(artifactId)
            .resolve("reachability-metadata.json");
    return Files.exists(file) ? JSON.readTree(file.toFile()) : JSON.createObjectNode();
  }

  private static List<String> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .filter(name -> !name.startsWith("META-INF"))
          .toList();
    }
  }

  private static List<String> globs(JsonNode metadata) {
    List<String> globs = new ArrayList<>();
    metadata.path("resources").forEach(resource -> globs.add(resource.path("glob").asText()));
    return globs;
  }

  private static boolean matches(String glob, String name) {
    return FileSystems.getDefault().getPathMatcher("glob:" + glob).matches(Path.of(name));
  }

  private static String sources(String artifactId) throws Exception {
    Path folder = new Modules().folder(artifactId).resolve("src/main/java");
    StringBuilder text = new StringBuilder();
    for (String name : files(folder)) {
      text.append(Files.readString(folder.resolve(name)));
    }
    return text.toString();
  }

  @ParameterizedTest
  @MethodSource("published")
  void everyResourceIsNamedAndEveryNameFindsOne(String artifactId) throws Exception {
    List<String> files = files(resources(artifactId));
    List<String> globs = globs(metadata(artifactId));

    assertThat(globs).allSatisfy(glob -> assertThat(files).anyMatch(file -> matches(glob, file)));
    if (sources(artifactId).contains("getResource")) {
      assertThat(files)
          .isNotEmpty()
          .allSatisfy(file -> assertThat(globs).anyMatch(glob -> matches(glob, file)));
    }
  }

  @ParameterizedTest
  @MethodSource("published")
  void everyTypeThatIsNamedIsThere(String artifactId) throws Exception {
    for (JsonNode entry : metadata(artifactId).path("reflection")) {
      JsonNode type = entry.path("type");
      List<String> names = new ArrayList<>();
      if (type.isTextual()) {
        names.add(type.asText());
      }
      type.path("proxy").forEach(name -> names.add(name.asText()));
      assertThat(names).isNotEmpty();
      for (String name : names) {
        Class<?> found = Class.forName(name, false, getClass().getClassLoader());
        for (JsonNode field : entry.path("fields")) {
          assertThat(found.getField(field.path("name").asText())).isNotNull();
        }
        assertThat(found.isInterface() || !type.has("proxy")).as(name).isTrue();
      }
    }
  }

  @Test
  void bothClientsAreNamedAsProxies() throws Exception {
    assertThat(proxies("bedrock-meter-core"))
        .containsExactly(
            "software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient",
            "software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient");
  }

  @ParameterizedTest
  @MethodSource("published")
  void proxiesAreNamedWhereTheyAreMadeAndNowhereElse(String artifactId) throws Exception {
    boolean makesSome = sources(artifactId).contains("Proxy.newProxyInstance");

    assertThat(proxies(artifactId).isEmpty()).isEqualTo(!makesSome);
  }

  private static Set<String> proxies(String artifactId) throws Exception {
    Set<String> proxies = new TreeSet<>();
    metadata(artifactId)
        .path("reflection")
        .forEach(entry -> entry.path("type").path("proxy").forEach(p -> proxies.add(p.asText())));
    return proxies;
  }

  /** Each class that is looked up by its name, and each record that is written as JSON. */
  @ParameterizedTest
  @MethodSource("published")
  void everyTypeThatIsReflectedOnIsNamed(String artifactId) throws Exception {
    Set<String> named = new TreeSet<>();
    metadata(artifactId)
        .path("reflection")
        .forEach(entry -> named.add(entry.path("type").asText()));
    String sources = sources(artifactId);
    if (sources.contains("Class.forName")) {
      Matcher names =
          Pattern.compile("\"(software\\.amazon\\.awssdk\\.[\\w.]+\\.[A-Z]\\w+)\"")
              .matcher(sources);
      Set<String> lookedUp =
          names.results().map(found -> found.group(1)).collect(Collectors.toSet());
      assertThat(lookedUp).isNotEmpty().isSubsetOf(named);
    }
    if (sources.contains("treeToValue")) {
      Class<?> entry = Class.forName("io.github.bedrockmeter.jdbc.journal.JournalEntry");
      assertThat(records(entry, new TreeSet<>())).isNotEmpty().isSubsetOf(named);
    }
  }

  /** A record, and the records that it consists of. */
  private static Set<String> records(Class<?> type, Set<String> found) throws Exception {
    if (type.isRecord() && found.add(type.getName())) {
      for (var component : type.getRecordComponents()) {
        Matcher names =
            Pattern.compile("io\\.github\\.bedrockmeter\\.[\\w.$]+")
                .matcher(component.getGenericType().getTypeName());
        while (names.find()) {
          records(Class.forName(names.group()), found);
        }
      }
    }
    return found;
  }
}
