// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.consumers;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.aether.DefaultRepositoryCache;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.RepositorySystemSession.CloseableSession;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.collection.DependencyCollectionException;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.graph.DependencyNode;
import org.eclipse.aether.repository.LocalRepository;
import org.eclipse.aether.repository.WorkspaceReader;
import org.eclipse.aether.repository.WorkspaceRepository;
import org.eclipse.aether.resolution.ArtifactDescriptorException;
import org.eclipse.aether.resolution.ArtifactDescriptorRequest;
import org.eclipse.aether.resolution.ArtifactDescriptorResult;
import org.eclipse.aether.supplier.RepositorySystemSupplier;
import org.eclipse.aether.supplier.SessionBuilderSupplier;
import org.eclipse.aether.util.repository.SimpleArtifactDescriptorPolicy;

/**
 * Resolves dependencies as Maven 3 does, from the modules of this build and the local repository,
 * without a network. Confined to one thread.
 */
final class Resolver implements AutoCloseable {
  private final RepositorySystem system = new RepositorySystemSupplier().get();
  private final CloseableSession session;
  private final Modules modules;
  private final Map<String, Path> poms = new HashMap<>();
  private int projects;

  Resolver(Modules modules) {
    this.modules = modules;
    Path local = Path.of(System.getProperty("bedrockmeter.localRepository"));
    this.session =
        new SessionBuilderSupplier(system)
            .get()
            .setSystemProperties(System.getProperties())
            .withLocalRepositories(new LocalRepository(local, "simple"))
            .setWorkspaceReader(new Workspace())
            .setOffline(true)
            .setCache(new DefaultRepositoryCache())
            // The poms of versions that lose a conflict need not be at hand.
            .setArtifactDescriptorPolicy(new SimpleArtifactDescriptorPolicy(true, true))
            .build();
  }

  /** From now on, a module of the build, or a project beside it, has this pom. */
  void put(String artifactId, Path pom) {
    poms.put(artifactId + ":" + modules.version(), pom);
  }

  /** What the tests of a module of the build run with. */
  ClassPath testsOf(String artifactId) {
    return project(new DefaultArtifact(Modules.GROUP, artifactId, "pom", modules.version()), true);
  }

  /** What a project with this pom runs with. */
  ClassPath project(Path pom) {
    String version = "1." + projects++;
    poms.put("consumer:" + version, pom);
    return project(new DefaultArtifact("com.example", "consumer", "pom", version), false);
  }

  private ClassPath project(Artifact project, boolean tests) {
    try {
      ArtifactDescriptorResult pom =
          system.readArtifactDescriptor(
              session, new ArtifactDescriptorRequest(project, List.of(), null));
      List<Dependency> dependencies =
          pom.getDependencies().stream()
              .filter(dependency -> tests || !dependency.getScope().equals("test"))
              .toList();
      if (dependencies.isEmpty()) {
        throw new IllegalStateException("no dependencies in the pom of " + project);
      }
      CollectRequest request = new CollectRequest();
      request.setRootArtifact(project);
      request.setDependencies(dependencies);
      request.setManagedDependencies(pom.getManagedDependencies());
      Map<String, Artifact> found = new TreeMap<>();
      flatten(system.collectDependencies(session, request).getRoot(), found);
      return new ClassPath(found, this::file);
    } catch (ArtifactDescriptorException | DependencyCollectionException e) {
      throw new IllegalStateException("cannot resolve " + project, e);
    }
  }

  private static void flatten(DependencyNode node, Map<String, Artifact> found) {
    for (DependencyNode child : node.getChildren()) {
      Artifact artifact = child.getArtifact();
      found.put(ClassPath.key(artifact), artifact);
      flatten(child, found);
    }
  }

  private Path file(Artifact artifact) {
    File ours = session.getWorkspaceReader().findArtifact(artifact);
    Path file =
        ours != null
            ? ours.toPath()
            : session.getLocalRepositoryManager().getAbsolutePathForLocalArtifact(artifact);
    if (!Files.exists(file)) {
      throw new IllegalStateException(artifact + " is not at hand: this build did not use it");
    }
    return file;
  }

  @Override
  public void close() {
    session.close();
    system.shutdown();
  }

  /** Writes a pom of a project that has only these dependencies, as XML, and its parts before. */
  static Path write(Path folder, String name, List<String> managed, List<String> dependencies) {
    List<String> lines = new ArrayList<>();
    lines.add("<project><modelVersion>4.0.0</modelVersion>");
    lines.add("<groupId>com.example</groupId><artifactId>consumer</artifactId>");
    lines.add("<version>1</version>");
    lines.add("<dependencyManagement><dependencies>");
    lines.addAll(managed);
    lines.add("</dependencies></dependencyManagement><dependencies>");
    lines.addAll(dependencies);
    lines.add("</dependencies></project>");
    try {
      return Files.write(folder.resolve(name + ".xml"), lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Workspace implements WorkspaceReader {
    @Override
    public WorkspaceRepository getRepository() {
      return new WorkspaceRepository("build");
    }

    @Override
    public File findArtifact(Artifact artifact) {
      boolean pom = artifact.getExtension().equals("pom");
      Path own = poms.get(artifact.getArtifactId() + ":" + artifact.getVersion());
      if (pom && own != null) {
        return own.toFile();
      }
      if (!artifact.getGroupId().equals(Modules.GROUP)) {
        return null;
      }
      Path file =
          pom ? modules.pom(artifact.getArtifactId()) : modules.jar(artifact.getArtifactId());
      return file == null ? null : file.toFile();
    }

    @Override
    public List<String> findVersions(Artifact artifact) {
      return List.of();
    }
  }
}
