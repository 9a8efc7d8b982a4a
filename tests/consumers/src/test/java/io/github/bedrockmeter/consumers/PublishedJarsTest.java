// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.consumers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.io.File;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The jars that this build made, in a JVM of their own: on the class path and on the module path.
 * They are made by {@code mvn verify}; {@code mvn test} makes none.
 */
class PublishedJarsTest {
  /** A command; and a jar with a folder that is a package of the SDK's module. */
  private static final List<String> NOT_A_MODULE =
      List.of("bedrock-meter-tools", "bedrock-meter-attach");

  private static Modules modules;
  private static Resolver resolver;

  @TempDir Path folder;

  @BeforeAll
  static void open() throws Exception {
    modules = new Modules();
    resolver = new Resolver(modules);
    for (String artifactId : modules.published()) {
      if (!modules.jar(artifactId).toString().endsWith(".jar")) {
        System.out.println(
            "NOT RUN: PublishedJarsTest, since there is no jar of "
                + artifactId
                + "; mvn verify makes it");
        Assumptions.abort("no jar of " + artifactId);
      }
    }
  }

  @AfterAll
  static void close() {
    resolver.close();
  }

  static List<String> libraries() throws Exception {
    return new Modules().published().stream().filter(id -> !NOT_A_MODULE.contains(id)).toList();
  }

  static List<String> published() throws Exception {
    return new Modules().published();
  }

  // --- what is in a jar

  @ParameterizedTest
  @MethodSource("published")
  void everyJarCarriesItsLicenceAndNotice(String artifactId) throws Exception {
    try (ZipFile jar = new ZipFile(modules.jar(artifactId).toFile())) {
      assertThat(text(jar, "META-INF/LICENSE")).contains("Apache License");
      assertThat(text(jar, "META-INF/NOTICE")).startsWith("bedrock-meter");
    }
  }

  @ParameterizedTest
  @MethodSource("libraries")
  void everyLibraryIsAModuleThatExportsAllButItsInternals(String artifactId) throws Exception {
    ModuleDescriptor module =
        ModuleFinder.of(modules.jar(artifactId)).findAll().iterator().next().descriptor();

    assertThat(module.isAutomatic()).isFalse();
    Set<String> exported =
        module.exports().stream()
            .filter(exports -> !exports.isQualified())
            .map(Exports::source)
            .collect(Collectors.toSet());
    Set<String> open;
    try (Stream<Path> sources = Files.walk(modules.folder(artifactId).resolve("src/main/java"))) {
      Path root = modules.folder(artifactId).resolve("src/main/java");
      open =
          sources
              .filter(file -> file.toString().endsWith(".java"))
              .map(file -> root.relativize(file.getParent()).toString().replace('/', '.'))
              .filter(name -> !name.contains(".internal"))
              .collect(Collectors.toSet());
    }
    assertThat(exported).isEqualTo(open);
  }

  /** The command's jar contains other libraries, and so their licences. */
  @Test
  void theJarOfTheCommandHasTheLicenceOfEachLibraryInIt() throws Exception {
    Path file = modules.folder("bedrock-meter-tools").resolve("target/bedrock-meter.jar");
    Map<String, String> libraries = resolver.testsOf("bedrock-meter-tools").versions();
    Set<String> runtime =
        project("runtime", List.of(library("bedrock-meter-tools"))).versions().keySet();
    libraries.keySet().retainAll(runtime);
    libraries.keySet().removeIf(key -> key.startsWith(Modules.GROUP));

    try (ZipFile jar = new ZipFile(file.toFile())) {
      String list = text(jar, "META-INF/THIRD-PARTY.txt");
      assertThat(libraries).isNotEmpty();
      libraries.forEach(
          (key, version) -> assertThat(list).contains("(" + key + ":" + version + " - "));
      List<String> names = jar.stream().map(entry -> entry.getName()).toList();
      // The Apache licence's text is there once; all others are.
      list.lines()
          .filter(line -> line.contains(" - ") && !line.contains("Apache"))
          .map(line -> line.replaceAll(".*\\([^:(]+:([^:]+):[^)]*\\)$", "$1"))
          .forEach(
              artifactId ->
                  assertThat(names)
                      .as(artifactId)
                      .anyMatch(
                          name ->
                              name.matches(
                                  "META-INF/licenses/" + artifactId + "(-\\d.*)?/.*LICENSE.*")));
      assertThat(text(jar, "META-INF/LICENSE")).contains("Apache License");
      assertThat(text(jar, "META-INF/NOTICE")).startsWith("bedrock-meter");
      assertThat(names)
          .anyMatch(name -> name.matches("META-INF/licenses/bedrockruntime-.*NOTICE.txt"));
    }
  }

  // --- programs

  @Test
  void theExampleOfTheReadmeRunsOnTheClassPath() throws Exception {
    Path source = readmeExample();
    String path = join(project("readme", applications()));
    compile(List.of("-cp", path), source);

    assertCharged(
        run("-cp", path + File.pathSeparator + folder.resolve("classes"), "com.example.app.Main"));
  }

  @Test
  void theExampleOfTheReadmeRunsOnTheModulePath() throws Exception {
    Path source = readmeExample();
    Path module =
        Files.writeString(
            folder.resolve("module-info.java"),
            "module com.example.app { requires io.github.bedrockmeter.pricing; }");
    String path = join(project("readme", applications()));
    compile(List.of("-p", path), source, module);

    assertCharged(
        run(
            "-p",
            path + File.pathSeparator + folder.resolve("classes"),
            "-m",
            "com.example.app/com.example.app.Main"));
  }

  @Test
  void allLibrariesRunTogetherOnTheModulePath() throws Exception {
    List<String> dependencies = new ArrayList<>();
    StringBuilder requires = new StringBuilder();
    for (String artifactId : libraries()) {
      dependencies.add(library(artifactId));
      requires
          .append("requires ")
          .append(
              ModuleFinder.of(modules.jar(artifactId))
                  .findAll()
                  .iterator()
                  .next()
                  .descriptor()
                  .name())
          .append("; ");
    }
    dependencies.add(dependency("com.h2database", "h2"));
    dependencies.add(dependency("org.slf4j", "slf4j-simple"));
    Path module =
        Files.writeString(
            folder.resolve("module-info.java"), "module com.example.app { " + requires + "}");
    String path = join(project("everything", dependencies));
    compile(List.of("-p", path), Path.of("src/test/projects/everything/Main.java"), module);

    String output =
        run(
            "-p",
            path + File.pathSeparator + folder.resolve("classes"),
            "-m",
            "com.example.app/com.example.app.Main");

    assertThat(output)
        .contains("settled $0.0000108")
        .contains("ledgers DynamoDbLedger RedisLedger")
        .contains("module com.example.app");
  }

  private static void assertCharged(String output) {
    assertThat(output)
        .contains("Converse amazon.nova-lite-v1:0 Completed: 10 in, 20 out")
        .contains("{tenant=acme}")
        .contains("settled $0.0000054");
  }

  private static List<String> applications() {
    return List.of(library("bedrock-meter-pricing"), dependency("org.slf4j", "slf4j-simple"));
  }

  private static String library(String artifactId) {
    return "<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>"
        .formatted(Modules.GROUP, artifactId, modules.version());
  }

  /** In the version that the tests of the command run with. */
  private static String dependency(String group, String artifactId) {
    return "<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>"
        .formatted(
            group,
            artifactId,
            resolver.testsOf("bedrock-meter-tools").versions().get(group + ":" + artifactId));
  }

  private ClassPath project(String name, List<String> dependencies) {
    return resolver.project(Resolver.write(folder, name, List.of(), dependencies));
  }

  private static String join(ClassPath path) {
    return path.paths().stream()
        .map(Path::toString)
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** The first Java block of the README, in a class. */
  private Path readmeExample() throws Exception {
    String readme = Files.readString(Modules.ROOT.resolve("README.md"));
    Matcher block = Pattern.compile("(?s)```java\n(.*?)```").matcher(readme);
    assertThat(block.find()).isTrue();
    return Files.writeString(
        folder.resolve("Main.java"),
        """
        package com.example.app;

        import io.github.bedrockmeter.BedrockMeter;
        import io.github.bedrockmeter.budget.*;
        import io.github.bedrockmeter.event.MeterListener;
        import io.github.bedrockmeter.pricing.PriceCatalog;
        import java.time.ZoneOffset;
        import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
        import software.amazon.awssdk.services.bedrockruntime.model.*;

        public final class Main {
          public static void main(String[] args) {
            Message question = Message.builder().role(ConversationRole.USER).content(ContentBlock.fromText("Hello")).build();
        %s
            System.out.println("settled " + meter.status().join().get(0).settled());
            client.close();
            meter.close();
          }
        }
        """
            .formatted(block.group(1)));
  }

  private void compile(List<String> path, Path... sources) throws Exception {
    List<String> arguments = new ArrayList<>(path);
    arguments.addAll(List.of("-d", folder.resolve("classes").toString(), "-proc:none"));
    Stream.of(sources).map(Path::toString).forEach(arguments::add);

    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, System.out, System.err, arguments.toArray(String[]::new));

    assertThat(result).as("javac; its messages are above").isZero();
  }

  private String run(String... arguments) throws Exception {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock.onAnyModel().reply(Reply.text("Hello").inputTokens(10).outputTokens(20));
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of(arguments));
      Path output = folder.resolve("output.txt");
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
      builder.environment().put("AWS_REGION", "us-east-1");
      builder.environment().put("AWS_ACCESS_KEY_ID", "fake");
      builder.environment().put("AWS_SECRET_ACCESS_KEY", "fake");
      builder.environment().put("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", bedrock.endpoint().toString());
      Process process = builder.start();
      boolean ended = process.waitFor(120, TimeUnit.SECONDS);
      process.destroyForcibly();
      String text = Files.readString(output);
      assertThat(ended).as("ended in two minutes: %s", text).isTrue();
      assertThat(process.exitValue()).as(text).isZero();
      return text;
    }
  }

  private static String text(ZipFile jar, String name) throws Exception {
    assertThat(jar.getEntry(name)).as("%s in %s", name, jar.getName()).isNotNull();
    return new String(jar.getInputStream(jar.getEntry(name)).readAllBytes(), UTF_8);
  }
}
