// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.consumers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The modules of this build, from their poms. Immutable. */
final class Modules {
  static final String GROUP = "io.github.bedrockmeter";
  static final Path ROOT =
      Path.of(System.getProperty("basedir", ".")).resolve("../..").toAbsolutePath().normalize();

  private final Map<String, Path> folders = new HashMap<>();
  private final String version;

  Modules() throws Exception {
    read(ROOT);
    version = child(parse(ROOT), "version");
  }

  private void read(Path folder) throws Exception {
    Element pom = parse(folder);
    folders.put(child(pom, "artifactId"), folder);
    NodeList modules = pom.getElementsByTagName("module");
    for (int i = 0; i < modules.getLength(); i++) {
      // A plugin's configuration may have an element of this name, too.
      if (modules.item(i).getParentNode().getNodeName().equals("modules")) {
        read(folder.resolve(modules.item(i).getTextContent().strip()).normalize());
      }
    }
  }

  String version() {
    return version;
  }

  /** The artifacts in the BOM; a test of the build checks that it has what is published. */
  List<String> published() throws Exception {
    return all(parse(folders.get("bedrock-meter-bom")), "artifactId")
        .filter(artifactId -> folders.containsKey(artifactId))
        .filter(artifactId -> !artifactId.equals("bedrock-meter-bom"))
        .toList();
  }

  Path folder(String artifactId) {
    return folders.get(artifactId);
  }

  Path pom(String artifactId) {
    Path folder = folders.get(artifactId);
    return folder == null ? null : folder.resolve("pom.xml");
  }

  /** The jar that this build made; the classes, where it made none. */
  Path jar(String artifactId) {
    Path folder = folders.get(artifactId);
    if (folder == null) {
      return null;
    }
    Path jar = folder.resolve("target").resolve(artifactId + "-" + version + ".jar");
    return Files.exists(jar) ? jar : folder.resolve("target/classes");
  }

  private static Element parse(Path folder) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(folder.resolve("pom.xml").toFile())
        .getDocumentElement();
  }

  private static String child(Element parent, String name) {
    NodeList nodes = parent.getChildNodes();
    return IntStream.range(0, nodes.getLength())
        .mapToObj(nodes::item)
        .filter(node -> node.getNodeName().equals(name))
        .map(node -> node.getTextContent().strip())
        .findFirst()
        .orElse("");
  }

  private static Stream<String> all(Element pom, String name) {
    NodeList found = pom.getElementsByTagName(name);
    return IntStream.range(0, found.getLength())
        .mapToObj(i -> found.item(i).getTextContent().strip());
  }
}
