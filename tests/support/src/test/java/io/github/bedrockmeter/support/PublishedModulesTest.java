// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What is published, read from the poms: every module that does not skip its deployment. */
class PublishedModulesTest {
  private static final String GROUP = "io.github.bedrockmeter";
  private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("../..");
  private static final List<Module> MODULES = new ArrayList<>();

  /** One module of the build; its pom as it is written, without what it inherits. */
  private record Module(Element pom) {
    static Module in(Path folder) throws Exception {
      Document document =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(folder.resolve("pom.xml").toFile());
      return new Module(document.getDocumentElement());
    }

    String artifactId() {
      return text(pom, "artifactId");
    }

    boolean isPublishedJar() {
      return !text(pom, "packaging").equals("pom") && !isSkipped();
    }

    private boolean isSkipped() {
      return children(pom, "properties")
          .anyMatch(properties -> text(properties, "maven.deploy.skip").equals("true"));
    }

    Stream<Element> managedDependencies() {
      return children(pom, "dependencyManagement")
          .flatMap(management -> children(management, "dependencies"))
          .flatMap(dependencies -> children(dependencies, "dependency"));
    }

    /** What its users get along: the project's own modules, those for tests apart. */
    Stream<String> ownDependencies() {
      return children(pom, "dependencies")
          .flatMap(dependencies -> children(dependencies, "dependency"))
          .filter(dependency -> text(dependency, "groupId").equals(GROUP))
          .filter(dependency -> !text(dependency, "scope").equals("test"))
          .map(dependency -> text(dependency, "artifactId"));
    }

    /** Its modules; a plugin's configuration may have an element of this name, too. */
    Stream<String> modules() {
      NodeList found = pom.getElementsByTagName("module");
      return IntStream.range(0, found.getLength())
          .mapToObj(found::item)
          .filter(node -> node.getParentNode().getNodeName().equals("modules"))
          .map(node -> node.getTextContent().strip());
    }

    Stream<String> all(String element) {
      NodeList found = pom.getElementsByTagName(element);
      return IntStream.range(0, found.getLength()).mapToObj(i -> found.item(i).getTextContent());
    }

    private static Stream<Element> children(Element parent, String name) {
      NodeList nodes = parent.getChildNodes();
      return IntStream.range(0, nodes.getLength())
          .mapToObj(nodes::item)
          .filter(Element.class::isInstance)
          .map(Element.class::cast)
          .filter(element -> element.getTagName().equals(name));
    }

    private static String text(Element parent, String name) {
      return children(parent, name).findFirst().map(Element::getTextContent).orElse("").strip();
    }
  }

  @BeforeAll
  static void readPoms() throws Exception {
    read(ROOT);
  }

  private static void read(Path folder) throws Exception {
    Module module = Module.in(folder);
    MODULES.add(module);
    // Several profiles may name a module: the demo's do.
    for (String child : module.modules().distinct().toList()) {
      read(folder.resolve(child));
    }
  }

  private static Module module(String artifactId) {
    return MODULES.stream()
        .filter(module -> module.artifactId().equals(artifactId))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no module " + artifactId));
  }

  private static List<String> published() {
    return MODULES.stream().filter(Module::isPublishedJar).map(Module::artifactId).toList();
  }

  @Test
  void theBomListsWhatIsPublishedAndNothingElse() {
    assertThat(module("bedrock-meter-bom").managedDependencies())
        .extracting(dependency -> Module.text(dependency, "artifactId"))
        .containsExactlyInAnyOrderElementsOf(published());
  }

  @Test
  void everyVersionInTheBomIsTheProjectsOwn() {
    assertThat(module("bedrock-meter-bom").managedDependencies())
        .isNotEmpty()
        .allSatisfy(
            dependency -> {
              assertThat(Module.text(dependency, "groupId")).isEqualTo(GROUP);
              assertThat(Module.text(dependency, "version")).isEqualTo("${project.version}");
            });
  }

  /**
   * A parent's versions, and those of a BOM that it imports, would reach everyone who imports ours.
   */
  @Test
  void theBomManagesNoVersionButThoseItLists() {
    Module bom = module("bedrock-meter-bom");

    assertThat(bom.all("parent")).isEmpty();
    assertThat(bom.all("scope")).isEmpty();
    assertThat(Module.text(bom.pom(), "version"))
        .isNotEmpty()
        .isEqualTo(Module.text(module("bedrock-meter-parent").pom(), "version"));
  }

  @Test
  void whatIsPublishedStandsOnWhatIsPublished() {
    List<String> published = published();

    assertThat(MODULES)
        .filteredOn(Module::isPublishedJar)
        .allSatisfy(
            module ->
                assertThat(module.ownDependencies())
                    .as("dependencies of %s", module.artifactId())
                    .isSubsetOf(published));
  }

  @Test
  void noTestJarIsPublished() {
    assertThat(MODULES)
        .allSatisfy(
            module ->
                assertThat(module.all("goal"))
                    .as("goals of %s", module.artifactId())
                    .doesNotContain("test-jar"));
  }
}
