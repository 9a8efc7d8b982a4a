// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Lines of a stream as bytes, in a buffer that is used again for each. Of a line that is longer
 * than any record's only the beginning is returned, and what follows is left in the stream.
 * Confined to one thread.
 */
final class LineSplitter {
  private static final int BLOCK = 1 << 16;

  private final InputStream in;
  private final int longest;
  private final byte[] block = new byte[BLOCK];
  private int at;
  private int end;
  private byte[] line = new byte[BLOCK];
  private int length;
  private boolean isTooLong;

  LineSplitter(InputStream in, int longest) {
    this.in = in;
    this.longest = longest;
  }

  /**
   * Reads a line; returns whether there was one.
   *
   * @throws IOException if the stream is damaged; the part of a line that was read is there
   */
  boolean next() throws IOException {
    length = 0;
    isTooLong = false;
    boolean any = false;
    while (true) {
      if (at == end && !fill()) {
        return any;
      }
      any = true;
      int stop = at;
      while (stop < end && block[stop] != '\n') {
        stop++;
      }
      if (!append(stop)) {
        return true;
      }
      boolean isEnd = stop < end;
      at = isEnd ? stop + 1 : stop;
      if (isEnd) {
        return true;
      }
    }
  }

  /** Reads the next block, if there is one. */
  private boolean fill() throws IOException {
    at = 0;
    end = 0; // also if the read fails
    int read = in.read(block);
    if (read < 0) {
      return false;
    }
    end = read;
    return true;
  }

  /** Whether it is still short enough; what is not is left in the stream. */
  private boolean append(int stop) {
    int more = stop - at;
    if (length + more > longest) {
      isTooLong = true;
      return false;
    }
    if (length + more > line.length) {
      line = Arrays.copyOf(line, Math.min(longest, Math.max(2 * line.length, length + more)));
    }
    System.arraycopy(block, at, line, length, more);
    length += more;
    return true;
  }

  /** Passes what follows of a line that is too long. */
  void skipLine() throws IOException {
    while (true) {
      if (at == end && !fill()) {
        return;
      }
      while (at < end) {
        if (block[at++] == '\n') {
          return;
        }
      }
    }
  }

  byte[] bytes() {
    return line;
  }

  int length() {
    return length;
  }

  boolean isTooLong() {
    return isTooLong;
  }

  /** What was read of the stream and of no line that was returned, and what follows. */
  InputStream rest() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        return at < end ? block[at++] & 0xFF : in.read();
      }

      @Override
      public int read(byte[] into, int from, int most) throws IOException {
        if (at == end) {
          return in.read(into, from, most);
        }
        int count = Math.min(most, end - at);
        System.arraycopy(block, at, into, from, count);
        at += count;
        return count;
      }
    };
  }
}
