// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import io.github.bedrockmeter.jdbc.internal.OwnerOnly;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** Records in local files, until they are safe elsewhere. Thread-safe. */
final class Spill implements AutoCloseable {
  /*
   * A directory, shared by any number of processes. Each has a random name and keeps a lock on
   * <name>.lock while it lives; its records are in <name>-<number>.segment, of which the last is
   * being written and the others are sealed. A process that starts takes over the segments of those
   * whose lock is free: it renames them to its own and deletes the lock file.
   *
   * A lock file is created once, and only by the process whose name it has. So if it still exists
   * when its owner has the lock, the lock is on this very file, and no process will delete it; if
   * not, another process assumed that the owner is dead, and the owner takes another name.
   *
   * A record is its length, the CRC-32 of its bytes, and its bytes. A record that was being written
   * when the process was killed fails one of these checks; what stands before it is good. One write
   * has whole records, so what write() has taken survives the process; a sync is for power loss.
   *
   * RandomAccessFile and not FileChannel: a channel closes itself when the thread that writes is
   * interrupted, and callers' threads are.
   */
  private static final int HEADER = 8;
  private static final int LARGEST_RECORD = 16 << 20;
  private static final String SEGMENT = ".segment";
  private static final String LOCK = ".lock";

  /** The journal's own files in the directory; the first group is the name of the owner. */
  private static final Pattern OURS =
      Pattern.compile(
          "(\\p{XDigit}{8}(?:-\\p{XDigit}{4}){3}-\\p{XDigit}{12})(?:\\.lock|-\\d+\\.segment)");

  /**
   * Begins the system properties that name the lock files of this JVM. It must not even open one of
   * these a second time: closing a file releases all locks that a process has on it. Properties,
   * and no static field, because the JVM may have loaded this class more than once.
   */
  private static final String LOCKED_HERE = "io.github.bedrockmeter.jdbc.locked:";

  private final Path directory;
  private final boolean force;
  private final long segmentBytes;
  private final String name;
  private final FileLock held;
  private final Deque<Segment> sealed = new ArrayDeque<>();
  private @Nullable RandomAccessFile active;
  private Path activePath;
  private long activeEnd;
  private int activeRecords;
  private long number;

  private Spill(Path directory, boolean force, long segmentBytes, String name, FileLock held) {
    this.directory = directory;
    this.force = force;
    this.segmentBytes = segmentBytes;
    this.name = name;
    this.held = held;
    this.activePath = path(number);
  }

  /**
   * A file that can be read.
   *
   * @param records how many were put into it
   */
  record Segment(Path path, int records) {}

  /**
   * Opens a directory, creating it if there is none.
   *
   * @param force whether each append waits until the disk has it
   * @param segmentBytes about how large a file becomes
   */
  static Spill open(Path directory, boolean force, long segmentBytes) throws IOException {
    Path real = OwnerOnly.createDirectories(directory).toRealPath();
    while (true) {
      String name = UUID.randomUUID().toString();
      Path lock = real.resolve(name + LOCK);
      FileLock held = ownLock(lock);
      if (held != null) {
        return new Spill(real, force, segmentBytes, name, held);
      }
    }
  }

  /** Creates a lock file and locks it; null if another process took it over. */
  private static @Nullable FileLock ownLock(Path lock) throws IOException {
    System.setProperty(LOCKED_HERE + lock, "");
    boolean ours = false;
    FileChannel channel = null;
    try {
      channel = OwnerOnly.open(lock, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      FileLock held = tryLock(channel);
      ours = held != null && Files.exists(lock);
      return ours ? held : null;
    } finally {
      if (!ours) {
        release(lock, channel);
      }
    }
  }

  private static void release(Path lock, @Nullable Channel channel) throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      System.clearProperty(LOCKED_HERE + lock);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException takenInThisJvm) {
      return null;
    }
  }

  private Path path(long segment) {
    return directory.resolve(String.format(Locale.ROOT, "%s-%012d%s", name, segment, SEGMENT));
  }

  /** Appends records, all or none. */
  synchronized void append(Collection<byte[]> records) throws IOException {
    int size = 0;
    for (byte[] bytes : records) {
      size = Math.addExact(size, HEADER + bytes.length);
    }
    ByteBuffer block = ByteBuffer.allocate(size);
    for (byte[] bytes : records) {
      CRC32 crc = new CRC32();
      crc.update(bytes);
      block.putInt(bytes.length).putInt((int) crc.getValue()).put(bytes);
    }
    RandomAccessFile file = active == null ? openNext() : active;
    try {
      file.write(block.array());
      if (force) {
        file.getFD().sync();
      }
    } catch (Throwable failure) {
      undo(file, failure);
      throw failure;
    }
    activeEnd += size;
    activeRecords += records.size();
    if (activeEnd >= segmentBytes) {
      seal();
    }
  }

  private RandomAccessFile openNext() throws IOException {
    activePath = path(++number);
    OwnerOnly.createFile(activePath);
    RandomAccessFile file = new RandomAccessFile(activePath.toFile(), "rw");
    active = file;
    activeEnd = 0;
    activeRecords = 0;
    return file;
  }

  /** Removes half a record; where even that fails, the file is sealed as it is. */
  private void undo(RandomAccessFile file, Throwable failure) {
    try {
      file.setLength(activeEnd);
      file.seek(activeEnd);
    } catch (IOException stuck) {
      failure.addSuppressed(stuck);
      try {
        seal();
      } catch (IOException lost) {
        failure.addSuppressed(lost);
      }
    }
  }

  /** Ends the file that is being written, if there is one, so that it can be read. */
  synchronized void seal() throws IOException {
    RandomAccessFile file = active;
    if (file != null) {
      active = null;
      sealed.add(new Segment(activePath, activeRecords));
      file.close();
    }
  }

  /** The oldest sealed segment; null if there is none. */
  synchronized @Nullable Segment oldest() {
    return sealed.peek();
  }

  /** Deletes the oldest segment, whose records are safe; renames it if it is damaged. */
  synchronized void remove(Segment segment, boolean damaged) throws IOException {
    Path path = segment.path();
    if (damaged) {
      Files.move(path, path.resolveSibling(path.getFileName() + ".damaged"));
    } else {
      Files.deleteIfExists(path);
    }
    sealed.remove(segment);
  }

  /**
   * What a segment holds.
   *
   * @param records the good records
   * @param damagedAt where the first bad one begins, in bytes; -1 if all are good
   */
  record Contents(List<byte[]> records, long damagedAt) {}

  /** Reads a segment up to its end, or up to the first record that is not whole. */
  static Contents read(Path segment) throws IOException {
    List<byte[]> records = new ArrayList<>();
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(segment));
    while (file.hasRemaining()) {
      int start = file.position();
      byte[] bytes = next(file);
      if (bytes == null) {
        return new Contents(records, start);
      }
      records.add(bytes);
    }
    return new Contents(records, -1);
  }

  private static byte @Nullable [] next(ByteBuffer file) {
    if (file.remaining() < HEADER) {
      return null;
    }
    int length = file.getInt();
    int expected = file.getInt();
    if (length <= 0 || length > LARGEST_RECORD || length > file.remaining()) {
      return null;
    }
    byte[] bytes = new byte[length];
    file.get(bytes);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue() == expected ? bytes : null;
  }

  /**
   * Takes over the segments of processes that have ended.
   *
   * @param found called with the number of records of each, before the segment can be read
   * @throws IOException if some could not be taken over; the others were
   */
  void adopt(IntConsumer found) throws IOException {
    Map<String, Set<Path>> byOwner = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Matcher ours = OURS.matcher(file.getFileName().toString());
        if (ours.matches()) {
          byOwner.computeIfAbsent(ours.group(1), owner -> new TreeSet<>()).add(file);
        }
      }
    }
    IOException failure = null;
    for (Map.Entry<String, Set<Path>> owned : byOwner.entrySet()) {
      try {
        adopt(directory.resolve(owned.getKey() + LOCK), owned.getValue(), found);
      } catch (IOException stays) {
        if (failure == null) {
          failure = stays;
        } else {
          failure.addSuppressed(stays);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void adopt(Path lock, Set<Path> files, IntConsumer found) throws IOException {
    if (System.getProperty(LOCKED_HERE + lock) != null) {
      return;
    }
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
      if (tryLock(channel) != null) {
        take(files, lock, found);
        Files.deleteIfExists(lock);
      }
    } catch (NoSuchFileException closed) {
      // Its owner has closed, or another process has taken everything over since the list was made.
      // What is left has no owner, and of two processes that rename a file only one succeeds.
      take(files, lock, found);
    }
  }

  private void take(Set<Path> files, Path lock, IntConsumer found) throws IOException {
    for (Path file : files) {
      if (!file.equals(lock)) {
        try {
          rename(file, found);
        } catch (NoSuchFileException taken) {
          // Another process was faster.
        }
      }
    }
  }

  private synchronized void rename(Path segment, IntConsumer found) throws IOException {
    int records = read(segment).records().size();
    Path ours = path(++number);
    Files.move(segment, ours, StandardCopyOption.ATOMIC_MOVE);
    found.accept(records);
    sealed.add(new Segment(ours, records));
  }

  /** Releases the directory; what it still holds waits for the next journal that opens it. */
  @Override
  public synchronized void close() throws IOException {
    Path lock = directory.resolve(name + LOCK);
    try {
      seal();
      if (sealed.isEmpty()) {
        Files.deleteIfExists(lock);
      }
    } finally {
      release(lock, held.acquiredBy());
    }
  }
}
