// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import io.github.bedrockmeter.report.facts.Skipped;
import io.github.bedrockmeter.report.facts.Skipped.Reason;
import io.github.bedrockmeter.report.progress.Progress;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.concurrent.CancellationException;
import java.util.zip.GZIPInputStream;

/** Reads one file of records: lines, or one document over many lines; gzip or not. Stateless. */
final class LogFile {
  /** Records are at most some hundred kilobytes; envelopes have some megabytes of them. */
  private static final int LONGEST_LINE = 64_000_000;

  private static final int BUFFER = 1 << 16;

  private LogFile() {}

  /**
   * Reads it to its end, or to where it is damaged.
   *
   * @throws CancellationException if the thread is interrupted
   */
  static void read(String name, InputStream raw, LogLines lines, FactSink sink, Progress progress) {
    BufferedInputStream counted = new BufferedInputStream(new Counted(raw, progress), BUFFER);
    LineSplitter splitter;
    try {
      splitter = new LineSplitter(unpacked(counted), LONGEST_LINE);
    } catch (IOException cutHeader) {
      sink.skipped(new Skipped(name, null, Reason.DAMAGED_FILE));
      return;
    }
    long line = 0;
    try {
      while (splitter.next()) {
        line++;
        if (Thread.currentThread().isInterrupted()) {
          throw new CancellationException("interrupted");
        }
        if (splitter.isTooLong()) {
          sink.skipped(new Skipped(name, line, Reason.TORN_LINE));
        } else if (line == 1 && LogLines.beginsDocument(splitter.bytes(), splitter.length())) {
          InputStream first =
              new ByteArrayInputStream(splitter.bytes().clone(), 0, splitter.length());
          lines.readDocument(name, new SequenceInputStream(first, splitter.rest()), sink);
          return;
        } else {
          lines.read(new Place(name, line), splitter.bytes(), splitter.length(), sink);
        }
      }
    } catch (IOException damaged) {
      if (splitter.length() > 0) {
        line++;
        lines.read(new Place(name, line), splitter.bytes(), splitter.length(), sink);
      }
      sink.skipped(new Skipped(name, null, Reason.DAMAGED_FILE));
    }
  }

  private static InputStream unpacked(BufferedInputStream in) throws IOException {
    in.mark(2);
    boolean isGzip = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    return isGzip ? new GZIPInputStream(in, BUFFER) : in;
  }

  /** Reports the bytes that were read. */
  private static final class Counted extends FilterInputStream {
    private final Progress progress;

    Counted(InputStream in, Progress progress) {
      super(in);
      this.progress = progress;
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      if (read >= 0) {
        progress.advance(1);
      }
      return read;
    }

    @Override
    public int read(byte[] bytes, int from, int most) throws IOException {
      int read = super.read(bytes, from, most);
      if (read > 0) {
        progress.advance(read);
      }
      return read;
    }
  }
}
