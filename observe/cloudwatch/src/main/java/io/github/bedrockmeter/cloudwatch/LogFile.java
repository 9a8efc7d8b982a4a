// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that CloudWatch's agent reads. A full one is renamed, so that there are at most two. It is
 * its owner's alone where the file system has such permissions; a file that exists keeps its own,
 * and hands them on to the next.
 */
final class LogFile implements Target {
  private static final String EARLIER = ".1";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final Path file;
  private final long mostBytes;
  private final boolean isPosix;

  private @Nullable FileChannel channel;
  private @Nullable Object key;
  private boolean isRegular;
  private long size;

  /** The file ends inside a line: a disk was full, or a process was killed. */
  private boolean isTorn;

  LogFile(Path file, long mostBytes) {
    this.file = file;
    this.mostBytes = mostBytes;
    this.isPosix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  @Override
  public void write(byte[] line) throws IOException {
    FileChannel open = opened(line.length);
    ByteBuffer rest = ByteBuffer.wrap(line);
    try {
      if (isTorn) {
        write(open, ByteBuffer.wrap(new byte[] {'\n'}));
        isTorn = false;
      }
      write(open, rest);
    } catch (IOException | RuntimeException failure) {
      isTorn |= rest.position() > 0;
      release();
      throw failure;
    }
  }

  private void write(FileChannel open, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      size += open.write(bytes);
    }
  }

  private FileChannel opened(int length) throws IOException {
    if (channel != null && isReplaced()) {
      release(); // another process has renamed or deleted it
    }
    FileChannel open = channel != null ? channel : open(OWNER_ONLY);
    if (isRegular && size > 0 && size + length > mostBytes) {
      open = next();
    }
    return open;
  }

  private boolean isReplaced() throws IOException {
    try {
      return !Objects.equals(key, Files.readAttributes(file, BasicFileAttributes.class).fileKey());
    } catch (NoSuchFileException deleted) {
      return true;
    }
  }

  private FileChannel open(Set<PosixFilePermission> permissions) throws IOException {
    FileAttribute<?>[] attributes =
        isPosix
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
            : new FileAttribute<?>[0];
    FileChannel open =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), attributes);
    channel = open;
    BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
    key = found.fileKey();
    isRegular = found.isRegularFile();
    size = isRegular ? found.size() : 0;
    if (isRegular) {
      isTorn = size > 0 && !endsWithLineFeed();
    }
    return open;
  }

  private boolean endsWithLineFeed() throws IOException {
    try (SeekableByteChannel end = Files.newByteChannel(file, StandardOpenOption.READ)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      end.position(size - 1).read(last);
      return last.get(0) == '\n';
    } catch (AccessDeniedException writeOnly) {
      return false; // a line feed too many does no harm
    }
  }

  /** Renames the file, which the agent reads to its end, and begins a new one. */
  private FileChannel next() throws IOException {
    Set<PosixFilePermission> permissions =
        isPosix ? Files.getPosixFilePermissions(file) : OWNER_ONLY;
    release();
    Files.move(
        file,
        file.resolveSibling(file.getFileName() + EARLIER),
        StandardCopyOption.REPLACE_EXISTING);
    FileChannel open = open(OWNER_ONLY);
    if (isPosix) {
      Files.setPosixFilePermissions(file, permissions); // whatever the process's mask leaves out
    }
    return open;
  }

  @Override
  public boolean isWorthRepeating() {
    return true;
  }

  @Override
  public void release() {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException unclosed) {
        // Its lines were written or have failed before.
      }
    }
  }

  @Override
  public String toString() {
    return "the file " + file;
  }
}
