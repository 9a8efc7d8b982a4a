// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Files and folders that no other user may read, where the file system has such permissions: they
 * have tags and costs. What exists already keeps the permissions it has, unless it is restricted.
 * Internal to this module; holds no state, thread-safe.
 */
public final class OwnerOnly {
  private OwnerOnly() {}

  /** Creates a folder and its parents where they do not exist. */
  public static Path createDirectories(Path folder) throws IOException {
    return Files.createDirectories(folder, permissions(folder, "rwx------"));
  }

  /** Creates an empty file if it does not exist. */
  public static void createFile(Path file) throws IOException {
    try {
      Files.createFile(file, permissions(file, "rw-------"));
    } catch (FileAlreadyExistsException keepsItsPermissions) {
      // Nothing is to be done.
    }
  }

  /** Takes the rights of others from a file that is written anew now and then. */
  static void restrict(Path file) throws IOException {
    if (isPosix(file)) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }

  private static boolean isPosix(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  /** Opens a file as {@link FileChannel#open} does. */
  public static FileChannel open(Path file, OpenOption... options) throws IOException {
    return FileChannel.open(file, Set.of(options), permissions(file, "rw-------"));
  }

  private static FileAttribute<?>[] permissions(Path file, String permissions) {
    return isPosix(file)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}
