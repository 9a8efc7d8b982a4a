// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which process owns which file, and which copy of the library within one process. */
class SpillTest {
  private static final List<byte[]> RECORD = List.of("a record".getBytes(UTF_8));

  @TempDir Path folder;

  private Spill open() throws Exception {
    return Spill.open(folder, false, 1 << 20);
  }

  @Test
  void filesOfALivingProcessAreNotTaken() throws Exception {
    int opened = 0;
    int unlocked = 0;
    try (SpillAdopter other = SpillAdopter.start(folder)) {
      Set<Path> others = locks();
      // The other may find a lock file before it is locked, and assume that its owner is dead.
      long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
      while (System.nanoTime() < end) {
        Spill spill = open();
        if (locks().equals(others)) {
          unlocked++;
        }
        spill.append(RECORD);
        spill.seal();
        spill.remove(Objects.requireNonNull(spill.oldest()), false);
        spill.close();
        opened++;
      }

      assertThat(unlocked).as("of %d owners, those without a lock", opened).isZero();
      assertThat(other.stop()).as("records taken from %d living owners", opened).isZero();
    }
    assertThat(folder).isEmptyDirectory();
  }

  private Set<Path> locks() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".lock")).collect(Collectors.toSet());
    }
  }

  @Test
  void filesThatTwoProcessesFindAreTakenOnce() throws Exception {
    int left = 0;
    AtomicInteger taken = new AtomicInteger();
    try (SpillAdopter other = SpillAdopter.start(folder);
        Spill ours = open()) {
      long end = System.nanoTime() + Duration.ofSeconds(1).toNanos();
      while (System.nanoTime() < end) {
        for (int i = 0; i < 5; i++) {
          Spill dead = open();
          dead.append(RECORD);
          dead.seal();
          dead.append(RECORD);
          dead.close();
          left += 2;
        }
        ours.adopt(taken::addAndGet);
      }
      ours.adopt(taken::addAndGet);

      assertThat(taken.get() + other.stop()).isEqualTo(left);
    }
  }

  @Test
  void filesOfAnotherClassLoaderOfThisJvmAreNotTaken() throws Exception {
    List<URL> classPath = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      classPath.add(Path.of(entry).toUri().toURL());
    }
    try (URLClassLoader loader =
            new URLClassLoader(
                classPath.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        AutoCloseable elsewhere = openElsewhere(loader);
        Spill ours = open()) {
      assertThat(elsewhere).isNotInstanceOf(Spill.class);
      AtomicInteger taken = new AtomicInteger();

      ours.adopt(taken::addAndGet);

      assertThat(taken).hasValue(0);
      // Even opening its lock file is wrong: closing the file would have released its lock.
      try (SpillAdopter other = SpillAdopter.start(folder)) {
        assertThat(other.stop()).isZero();
      }
    }
  }

  private AutoCloseable openElsewhere(ClassLoader loader) throws Exception {
    Class<?> type = loader.loadClass(Spill.class.getName());
    Method open = type.getDeclaredMethod("open", Path.class, boolean.class, long.class);
    open.setAccessible(true);
    Object spill = open.invoke(null, folder, false, 1L << 20);
    Method append = type.getDeclaredMethod("append", Collection.class);
    append.setAccessible(true);
    append.invoke(spill, RECORD);
    return (AutoCloseable) spill;
  }
}
