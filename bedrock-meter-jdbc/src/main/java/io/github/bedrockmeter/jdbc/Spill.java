// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** Records in local files, until they are safe elsewhere. Thread-safe. */
final class Spill implements AutoCloseable {
  /*
   * A directory, shared by any number of processes. Each has a random name and keeps a lock on
   * <name>.lock while it lives; its records are in <name>-<number>.segment, of which the last is
   * being written and the others are sealed. A process that starts takes over the segments of those
   * whose lock is free: it renames them to its own.
   *
   * A record is its length, the CRC-32 of its bytes, and its bytes. A record that was being written
   * when the process was killed fails one of these; what stands before it is good. One write is one
   * record at least, so what write() has taken survives the process; force() is for power loss.
   *
   * RandomAccessFile and not FileChannel: a channel closes itself when the thread that writes is
   * interrupted, and callers' threads are.
   */
  private static final int HEADER = 8;
  private static final int LARGEST_RECORD = 16 << 20;
  private static final String SEGMENT = ".segment";
  private static final String LOCK = ".lock";

  /**
   * The lock files of this JVM. It must not even open one of these a second time: closing a file
   * gives back all locks that a process has on it.
   */
  private static final Set<Path> OWN_LOCKS = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final boolean force;
  private final long segmentBytes;
  private final String name;
  private final FileChannel lockChannel;
  private final Deque<Path> sealed = new ArrayDeque<>();
  private @Nullable RandomAccessFile active;
  private Path activePath;
  private long activeEnd;
  private long number;

  private Spill(
      Path directory, boolean force, long segmentBytes, String name, FileChannel lockChannel) {
    this.directory = directory;
    this.force = force;
    this.segmentBytes = segmentBytes;
    this.name = name;
    this.lockChannel = lockChannel;
    this.activePath = path(number);
  }

  /**
   * Opens a directory, creating it if there is none.
   *
   * @param force whether each append waits until the disk has it
   * @param segmentBytes about how large a file becomes
   */
  static Spill open(Path directory, boolean force, long segmentBytes) throws IOException {
    Path real = Files.createDirectories(directory).toRealPath();
    while (true) {
      String name = UUID.randomUUID().toString();
      Path lock = real.resolve(name + LOCK);
      OWN_LOCKS.add(lock);
      FileChannel channel = openLock(lock);
      // Whoever looks for the dead may have locked the file between its creation and now.
      if (channel.tryLock() != null) {
        return new Spill(real, force, segmentBytes, name, channel);
      }
      channel.close();
      OWN_LOCKS.remove(lock);
    }
  }

  private static FileChannel openLock(Path lock) throws IOException {
    return FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private Path path(long segment) {
    return directory.resolve("%s-%012d%s".formatted(name, segment, SEGMENT));
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
    } catch (IOException failure) {
      undo(file, failure);
      throw failure;
    }
    activeEnd += size;
    if (activeEnd >= segmentBytes) {
      seal();
    }
  }

  private RandomAccessFile openNext() throws IOException {
    activePath = path(++number);
    RandomAccessFile file = new RandomAccessFile(activePath.toFile(), "rw");
    active = file;
    activeEnd = 0;
    return file;
  }

  /** Takes back half a record; where even that fails, the file is sealed as it is. */
  private void undo(RandomAccessFile file, IOException failure) {
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
      sealed.add(activePath);
      file.close();
    }
  }

  /** The oldest sealed segment; null if there is none. */
  synchronized @Nullable Path oldest() {
    return sealed.peek();
  }

  /** Forgets the oldest segment, whose records are safe; keeps it aside if it is damaged. */
  synchronized void remove(Path segment, boolean damaged) throws IOException {
    sealed.remove(segment);
    if (damaged) {
      Files.move(segment, segment.resolveSibling(segment.getFileName() + ".damaged"));
    } else {
      Files.deleteIfExists(segment);
    }
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

  /** Takes over the segments of processes that are gone; answers which. */
  List<Path> adopt() throws IOException {
    List<Path> adopted = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>();
    TreeSet<Path> segments = new TreeSet<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        String fileName = file.getFileName().toString();
        if (fileName.endsWith(SEGMENT)) {
          segments.add(file);
          names.add(fileName.substring(0, fileName.lastIndexOf('-')));
        } else if (fileName.endsWith(LOCK)) {
          names.add(fileName.substring(0, fileName.length() - LOCK.length()));
        }
      }
    }
    for (String other : names) {
      Path lock = directory.resolve(other + LOCK);
      if (OWN_LOCKS.contains(lock)) {
        continue;
      }
      try (FileChannel channel = openLock(lock)) {
        if (channel.tryLock() == null) {
          continue;
        }
        for (Path segment : segments) {
          if (segment.getFileName().toString().startsWith(other + "-")) {
            adopted.add(rename(segment));
          }
        }
        Files.deleteIfExists(lock);
      }
    }
    return adopted;
  }

  private synchronized Path rename(Path segment) throws IOException {
    Path ours = path(++number);
    Files.move(segment, ours, StandardCopyOption.ATOMIC_MOVE);
    sealed.add(ours);
    return ours;
  }

  /** Gives the directory back; what it still holds waits for the next one who opens it. */
  @Override
  public synchronized void close() throws IOException {
    seal();
    Path lock = directory.resolve(name + LOCK);
    if (sealed.isEmpty()) {
      Files.deleteIfExists(lock);
    }
    lockChannel.close();
    OWN_LOCKS.remove(lock);
  }
}
