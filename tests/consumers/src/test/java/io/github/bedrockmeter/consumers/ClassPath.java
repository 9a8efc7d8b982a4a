// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.consumers;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.eclipse.aether.artifact.Artifact;

/** What a project resolves. Immutable. */
record ClassPath(Map<String, Artifact> artifacts, Function<Artifact, Path> files) {

  static String key(Artifact artifact) {
    String classifier = artifact.getClassifier();
    return artifact.getGroupId()
        + ":"
        + artifact.getArtifactId()
        + (classifier.isEmpty() ? "" : ":" + classifier);
  }

  /** Version by {@code group:artifact}. */
  Map<String, String> versions() {
    Map<String, String> versions = new TreeMap<>();
    artifacts.forEach((key, artifact) -> versions.put(key, artifact.getVersion()));
    return versions;
  }

  /** What is in here in a version that is not among the tested ones, as sentences. */
  List<String> untested(Map<String, Set<String>> tested) {
    return artifacts.entrySet().stream()
        .filter(
            entry ->
                !tested
                    .getOrDefault(entry.getKey(), Set.of())
                    .contains(entry.getValue().getVersion()))
        .map(
            entry ->
                "%s %s, but tested was %s"
                    .formatted(
                        entry.getKey(),
                        entry.getValue().getVersion(),
                        tested.getOrDefault(entry.getKey(), Set.of())))
        .toList();
  }

  List<Path> paths() {
    return artifacts.values().stream().map(files).toList();
  }
}
