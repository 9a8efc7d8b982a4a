// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spark;

import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.Skipped;
import io.github.bedrockmeter.report.logs.FactSink;
import io.github.bedrockmeter.report.logs.LogFile;
import io.github.bedrockmeter.report.logs.LogLines;
import io.github.bedrockmeter.report.progress.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * What a task does: files to rows of {@link FactRows#EITHER}, line by line, with the reader and the
 * prices of bedrock-meter-report. A file is read by one task, since gzip cannot be split.
 */
final class LogReading implements FlatMapFunction<Iterator<LogObject>, Row> {
  private static final long serialVersionUID = 1L;

  /** Calls that one file may have, as the tables of one machine number them. */
  private static final int PART_BITS = 32;

  private final LogLines lines;
  private final Broadcast<SerializableConfiguration> hadoop;

  LogReading(LogLines lines, Broadcast<SerializableConfiguration> hadoop) {
    this.lines = lines;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<Row> call(Iterator<LogObject> files) {
    return new Rows(files, lines, hadoop.value().value());
  }

  /** Holds the rows of one line at most. */
  private static final class Rows implements Iterator<Row>, FactSink {
    private final Iterator<LogObject> files;
    private final LogLines lines;
    private final Configuration hadoop;
    private final Deque<Object> facts = new ArrayDeque<>();
    private @Nullable Open open;
    private long number;

    private Rows(Iterator<LogObject> files, LogLines lines, Configuration hadoop) {
      this.files = files;
      this.lines = lines;
      this.hadoop = hadoop;
    }

    private record Open(InputStream in, LogFile file) {}

    @Override
    public void call(CallFacts call) {
      facts.add(call);
    }

    @Override
    public void skipped(Skipped skipped) {
      facts.add(skipped);
    }

    @Override
    public boolean hasNext() {
      while (facts.isEmpty()) {
        Open reading = open;
        if (reading == null) {
          if (!files.hasNext()) {
            return false;
          }
          open = open(files.next());
        } else if (!reading.file().next(this)) {
          close(reading);
          open = null;
        }
      }
      return true;
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Object one = facts.remove();
      return one instanceof CallFacts call
          ? FactRows.of(++number, call)
          : FactRows.of((Skipped) one);
    }

    private Open open(LogObject file) {
      try {
        Path path = new Path(file.uri());
        InputStream in = path.getFileSystem(hadoop).open(path);
        number = file.number() << PART_BITS;
        return new Open(in, LogFile.of(file.key(), in, lines, Progress.NONE));
      } catch (IOException failure) {
        throw new UncheckedIOException("cannot be read: " + file.uri(), failure);
      }
    }

    private static void close(Open reading) {
      try {
        reading.in().close();
      } catch (IOException failure) {
        throw new UncheckedIOException("does not close", failure);
      }
    }
  }
}
