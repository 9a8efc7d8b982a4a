// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import org.h2.store.fs.FileBase;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * H2 files with the scheme {@code fulldisk:}, which cannot grow while the disk is full.
 * Thread-safe.
 */
public final class FullDisk extends FilePathWrapper {
  private static volatile boolean full;

  /** Makes the scheme known to H2. */
  public static void register() {
    FilePath.register(new FullDisk());
  }

  /** Lets files grow, or not. */
  public static void full(boolean isFull) {
    full = isFull;
  }

  @Override
  public String getScheme() {
    return "fulldisk";
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new Channel(super.open(mode));
  }

  private static final class Channel extends FileBase {
    private final FileChannel file;

    Channel(FileChannel file) {
      this.file = file;
    }

    private static void check(long end, long size) throws IOException {
      if (full && end > size) {
        throw new IOException("No space left on device");
      }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      check(file.position() + source.remaining(), file.size());
      return file.write(source);
    }

    @Override
    public synchronized int write(ByteBuffer source, long position) throws IOException {
      check(position + source.remaining(), file.size());
      return file.write(source, position);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      return file.read(target);
    }

    @Override
    public synchronized int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public long position() throws IOException {
      return file.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
      file.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      file.truncate(size);
      return this;
    }

    @Override
    public void force(boolean metaData) throws IOException {
      file.force(metaData);
    }

    @Override
    public synchronized FileLock tryLock(long position, long size, boolean shared)
        throws IOException {
      return file.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      file.close();
    }
  }
}
