// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.consumers;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.eclipse.aether.util.version.GenericVersionScheme;
import org.eclipse.aether.version.InvalidVersionSpecificationException;
import org.eclipse.aether.version.Version;

/** The list of known advisories, {@code advisories.txt} of this module. Immutable. */
record Advisories(List<Advisory> list) {
  private static final GenericVersionScheme VERSIONS = new GenericVersionScheme();

  /** Versions of an artifact, or of a group's ({@code group:*}), below one are not to be used. */
  record Advisory(String artifact, String fixedIn, String id, String what) {
    private boolean concerns(String key) {
      return artifact.endsWith(":*")
          ? key.startsWith(artifact.substring(0, artifact.length() - 1))
          : key.equals(artifact);
    }
  }

  static Advisories read() throws IOException {
    return of(Files.readAllLines(Modules.ROOT.resolve("tests/consumers/advisories.txt")));
  }

  static Advisories of(List<String> lines) {
    return new Advisories(
        lines.stream()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#"))
            .map(Advisories::advisory)
            .toList());
  }

  private static Advisory advisory(String line) {
    String[] parts = line.split("\\s+", 4);
    if (parts.length < 4 || !parts[0].matches("[^:]+:[^:]+") || !parts[1].matches("\\d.*")) {
      throw new IllegalArgumentException(
          "advisories.txt: a line is 'group:artifact fixed-in id what', such as"
              + " 'io.netty:netty-codec 4.1.125.Final CVE-2025-58057 decompression': "
              + line);
    }
    return new Advisory(parts[0], parts[1], parts[2], parts[3]);
  }

  /** What is known of these versions, as sentences. */
  List<String> of(Map<String, String> versions) {
    return list.stream()
        .flatMap(
            advisory ->
                versions.entrySet().stream()
                    .filter(entry -> advisory.concerns(entry.getKey()))
                    .filter(entry -> isBelow(entry.getValue(), advisory.fixedIn()))
                    .map(
                        entry ->
                            "%s %s is below %s: %s, %s"
                                .formatted(
                                    entry.getKey(),
                                    entry.getValue(),
                                    advisory.fixedIn(),
                                    advisory.id(),
                                    advisory.what())))
        .toList();
  }

  private static boolean isBelow(String version, String other) {
    try {
      Version mine = VERSIONS.parseVersion(version);
      return mine.compareTo(VERSIONS.parseVersion(other)) < 0;
    } catch (InvalidVersionSpecificationException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
