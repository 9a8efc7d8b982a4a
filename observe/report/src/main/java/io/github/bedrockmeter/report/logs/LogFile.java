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
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads one file of records: lines, or one document over many lines; gzip or not. Whoever has the
 * bytes may use it, wherever they come from:
 *
 * <pre>{@code
 * LogFile file = LogFile.of(key, in, lines, Progress.NONE);
 * while (file.next(sink)) {}
 * }</pre>
 *
 * <p>Confined to one thread.
 */
public final class LogFile {
  /**
   * Records are at most some hundred kilobytes; envelopes have some megabytes of them. What is
   * longer has many records and no line ends, and is read as a stream.
   */
  private static final int LONGEST_LINE = 16_000_000;

  /** A file may be compressed twice: by a subscription, and by the stream that writes it. */
  private static final int MOST_PACKINGS = 3;

  private static final int BUFFER = 1 << 16;

  private final String name;
  private final LogLines lines;
  private final @Nullable LineSplitter splitter;
  private long line;
  private boolean isAtEnd;

  private LogFile(String name, LogLines lines, @Nullable LineSplitter splitter) {
    this.name = name;
    this.lines = lines;
    this.splitter = splitter;
  }

  /**
   * A file that is read from here on.
   *
   * @param name its path, as facts have it; whether it holds records is asked of {@link LogKeys}
   * @param raw its bytes; the caller closes it
   * @param progress is notified of the bytes that were read
   */
  public static LogFile of(String name, InputStream raw, LogLines lines, Progress progress) {
    BufferedInputStream counted = new BufferedInputStream(new Counted(raw, progress), BUFFER);
    try {
      return new LogFile(name, lines, new LineSplitter(unpacked(counted), LONGEST_LINE));
    } catch (IOException cutHeader) {
      return new LogFile(name, lines, null);
    }
  }

  /**
   * Gives the facts of the next line to a sink, or of the whole document. Where a file is damaged
   * it ends. What the sink throws is thrown.
   *
   * @return whether more may follow
   * @throws CancellationException if the thread is interrupted
   */
  public boolean next(FactSink sink) {
    try {
      return read(SinkFailure.passing(sink));
    } catch (SinkFailure refused) {
      throw refused.failure();
    }
  }

  private boolean read(FactSink sink) {
    if (isAtEnd) {
      return false;
    }
    if (splitter == null) {
      isAtEnd = true;
      sink.skipped(new Skipped(name, null, Reason.DAMAGED_FILE));
      return false;
    }
    try {
      isAtEnd = !splitter.next();
    } catch (IOException damaged) {
      isAtEnd = true;
      if (splitter.length() > 0) {
        line++;
        lines.read(new Place(name, line), splitter.bytes(), splitter.length(), sink);
      }
      sink.skipped(new Skipped(name, null, Reason.DAMAGED_FILE));
    }
    if (isAtEnd) {
      return false;
    }
    line++;
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted");
    }
    if (splitter.isTooLong()) {
      tooLong(splitter, sink);
    } else if (line == 1 && LogLines.mayBeginDocument(splitter.bytes(), splitter.length())) {
      first(splitter, sink);
    } else {
      lines.read(new Place(name, line), splitter.bytes(), splitter.length(), sink);
    }
    return !isAtEnd;
  }

  /** A line that is too long to be kept: records without line ends, or anything. */
  private void tooLong(LineSplitter splitter, FactSink sink) {
    if (LogLines.isJson(splitter.bytes(), splitter.length())) {
      document(new ByteArrayInputStream(splitter.bytes(), 0, splitter.length()), splitter, sink);
      return;
    }
    sink.skipped(new Skipped(name, line, Reason.TORN_LINE));
    try {
      splitter.skipLine();
    } catch (IOException damaged) {
      isAtEnd = true;
      sink.skipped(new Skipped(name, null, Reason.DAMAGED_FILE));
    }
  }

  /** A first line that is not whole: the next one shows whether it is cut off, or a document's. */
  private void first(LineSplitter splitter, FactSink sink) {
    byte[] first = Arrays.copyOf(splitter.bytes(), splitter.length() + 1);
    first[first.length - 1] = '\n';
    boolean isDamaged = false;
    boolean isMore = false;
    try {
      do {
        line++;
        isMore = splitter.next();
      } while (isMore && LogLines.isBlank(splitter.bytes(), splitter.length()));
    } catch (IOException damaged) {
      isDamaged = true;
    }
    int length = isMore || isDamaged ? splitter.length() : 0;
    if (isMore && LogLines.beginDocument(first, splitter.bytes(), length)) {
      InputStream second = new ByteArrayInputStream(splitter.bytes(), 0, length);
      document(new SequenceInputStream(new ByteArrayInputStream(first), second), splitter, sink);
      return;
    }
    lines.read(new Place(name, 1), first, first.length - 1, sink);
    isAtEnd = !isMore;
    if (isMore && splitter.isTooLong()) {
      tooLong(splitter, sink);
    } else if (length > 0) {
      lines.read(new Place(name, line), splitter.bytes(), length, sink);
    }
    if (isDamaged) {
      sink.skipped(new Skipped(name, null, Reason.DAMAGED_FILE));
    }
  }

  private void document(InputStream begin, LineSplitter splitter, FactSink sink) {
    isAtEnd = true;
    lines.readDocument(name, new SequenceInputStream(begin, splitter.rest()), sink);
  }

  /**
   * The bytes of UTF-8 in a file, which PowerShell writes as UTF-16. Nothing is buffered behind
   * gzip: what was unpacked before a damage would be lost with the buffer.
   */
  private static InputStream unpacked(InputStream packed) throws IOException {
    PushbackInputStream in = new PushbackInputStream(packed, 2);
    for (int i = 0; i < MOST_PACKINGS && begins(in, 0x1f, 0x8b); i++) {
      in = new PushbackInputStream(new GZIPInputStream(in, BUFFER), 2);
    }
    boolean isUtf16 = begins(in, 0xff, 0xfe) || begins(in, 0xfe, 0xff);
    return isUtf16 ? new Utf8Stream(new InputStreamReader(in, StandardCharsets.UTF_16)) : in;
  }

  private static boolean begins(PushbackInputStream in, int first, int second) throws IOException {
    byte[] begin = in.readNBytes(2);
    in.unread(begin);
    return begin.length == 2 && (begin[0] & 0xFF) == first && (begin[1] & 0xFF) == second;
  }

  /**
   * Reports the bytes that were read. Until the end, more is said to be available: a gzip file of
   * several parts ends for Java where nothing is, and a connection may have nothing just then.
   */
  private static final class Counted extends FilterInputStream {
    private final Progress progress;
    private boolean isAtEnd;

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
      isAtEnd = read < 0;
      return read;
    }

    @Override
    public int read(byte[] bytes, int from, int most) throws IOException {
      int read = super.read(bytes, from, most);
      if (read > 0) {
        progress.advance(read);
      }
      isAtEnd = read < 0;
      return read;
    }

    @Override
    public int available() {
      return isAtEnd ? 0 : 1;
    }
  }
}
