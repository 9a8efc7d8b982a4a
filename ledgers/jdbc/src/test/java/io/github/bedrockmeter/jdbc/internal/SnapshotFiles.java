// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/** H2's files, under URLs that begin with {@code jdbc:h2:snap:}, which tell of each write. */
public final class SnapshotFiles extends FilePathWrapper {
  private static volatile Runnable afterWrite = () -> {};

  /** What runs after each write to any such file, on the thread that writes. */
  static void afterWrite(Runnable task) {
    FilePath.register(new SnapshotFiles());
    afterWrite = task;
  }

  @Override
  public String getScheme() {
    return "snap";
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    FileChannel file = getBase().open(mode);
    return new FileBaseDefault() {
      @Override
      public long size() throws IOException {
        return file.size();
      }

      @Override
      protected void implTruncate(long size) throws IOException {
        file.truncate(size);
        afterWrite.run();
      }

      @Override
      public synchronized int read(ByteBuffer to, long position) throws IOException {
        return file.read(to, position);
      }

      @Override
      public synchronized int write(ByteBuffer from, long position) throws IOException {
        int written = file.write(from, position);
        afterWrite.run();
        return written;
      }

      @Override
      public void force(boolean metaData) throws IOException {
        file.force(metaData);
      }

      @Override
      public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        return file.tryLock(position, size, shared);
      }

      @Override
      protected void implCloseChannel() throws IOException {
        file.close();
      }
    };
  }
}
