// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.FactWriter;
import io.github.bedrockmeter.report.facts.Skipped;
import io.github.bedrockmeter.report.facts.Skipped.Reason;
import io.github.bedrockmeter.report.progress.Progress;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Folders of Bedrock's model invocation logs, of one or many accounts and regions: as S3 has them,
 * as CloudWatch exports them, or as they were downloaded. Immutable and thread-safe.
 *
 * <pre>{@code
 * LogFolder.of(List.of(Path.of("logs")))
 *     .readInto(tables, LogLines.pricedBy(PriceSource.catalog()), Progress.NONE);
 * }</pre>
 *
 * <p>Objects under {@code data/}, which hold bodies too large for their records, are skipped; so is
 * everything else that is no record, each with its reason in the table {@code skipped}.
 */
public final class LogFolder {
  private final List<Path> roots;

  private LogFolder(List<Path> roots) {
    this.roots = roots;
  }

  /**
   * Folders and files of logs.
   *
   * @throws IllegalArgumentException if there is none, or one does not exist
   */
  public static LogFolder of(List<Path> roots) {
    if (roots.isEmpty()) {
      throw new IllegalArgumentException("no folder of logs was named");
    }
    for (Path root : roots) {
      if (!Files.exists(root)) {
        throw new IllegalArgumentException("no such folder or file of logs: " + root);
      }
    }
    return new LogFolder(List.copyOf(roots));
  }

  /** A file to read, or one that is skipped, by its path in its folder. */
  private record Found(String key, Path path, long size) {}

  /**
   * Reads everything into the tables, with as many threads as the tables' engine has.
   *
   * @param progress is notified of the bytes that were read, as they are in the files
   * @return how many files were read
   * @throws IllegalArgumentException if there is no log file
   * @throws UncheckedIOException if a folder or a file cannot be opened
   * @throws ArithmeticException if an amount does not fit into the tables, with the call's id
   * @throws CancellationException if the thread is interrupted
   */
  public int readInto(FactTables tables, LogLines lines, Progress progress) {
    List<Found> files = new ArrayList<>();
    try (FactWriter writer = tables.writer()) {
      for (Found found : found()) {
        Reason refused = LogKeys.refused(found.key());
        if (refused == null) {
          files.add(found);
        } else {
          writer.add(new Skipped(found.key(), null, refused));
        }
      }
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException(
          "no log file in "
              + roots.stream().map(Path::toString).collect(Collectors.joining(", "))
              + ": their names end in .gz, .json, .jsonl, .ndjson, .log or .txt, or are those that"
              + " Firehose gives");
    }
    progress.begin(
        "reading " + files.size() + (files.size() == 1 ? " log file" : " log files"),
        files.stream().mapToLong(Found::size).sum());
    try {
      new Reading(tables, lines, progress, files).run();
    } finally {
      progress.end();
    }
    return files.size();
  }

  private List<Found> found() {
    List<Found> found = new ArrayList<>();
    for (Path root : roots) {
      try (Stream<Path> walk = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
        for (Path path : walk.filter(Files::isRegularFile).sorted().toList()) {
          found.add(new Found(key(root, path), path, Files.size(path)));
        }
      } catch (IOException failure) {
        throw new UncheckedIOException("cannot be read: " + root, failure);
      } catch (UncheckedIOException circle) {
        throw new UncheckedIOException("cannot be read: " + root, circle.getCause());
      }
    }
    return found;
  }

  private static String key(Path root, Path path) {
    Path named = root.equals(path) ? path : root.relativize(path);
    return named.toString().replace(File.separatorChar, '/');
  }

  /** One reading of many files by some threads, each with a writer of its own. */
  private static final class Reading {
    private final FactTables tables;
    private final LogLines lines;
    private final Progress progress;
    private final List<Found> files;
    private final AtomicInteger next = new AtomicInteger();

    Reading(FactTables tables, LogLines lines, Progress progress, List<Found> files) {
      this.tables = tables;
      this.lines = lines;
      this.progress = progress;
      this.files = files;
    }

    void run() {
      int threads = Math.max(1, Math.min(tables.threads(), files.size()));
      ExecutorService executor =
          Executors.newFixedThreadPool(
              threads,
              work -> {
                Thread thread = new Thread(work, "bedrock-meter-report");
                thread.setDaemon(true);
                return thread;
              });
      try (FactTables.Numbers numbers = tables.numbers(files.size())) {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          all.add(executor.submit(() -> work(numbers)));
        }
        for (Future<?> one : all) {
          one.get();
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted while reading logs");
      } catch (ExecutionException failure) {
        throw failure.getCause() instanceof RuntimeException cause
            ? cause
            : new IllegalStateException(failure.getCause());
      } finally {
        executor.shutdownNow();
      }
    }

    private void work(FactTables.Numbers numbers) {
      try (FactWriter writer = numbers.writer()) {
        FactSink sink = FactSink.into(writer);
        for (int i = next.getAndIncrement(); i < files.size(); i = next.getAndIncrement()) {
          numbers.place(writer, i);
          read(files.get(i), sink);
        }
      } catch (RuntimeException | Error failure) {
        next.set(files.size()); // the other threads end after their file
        throw failure;
      }
    }

    private void read(Found file, FactSink sink) {
      try (InputStream in = Files.newInputStream(file.path())) {
        LogFile log = LogFile.of(file.key(), in, lines, progress);
        while (log.next(sink)) {
          // until its end
        }
      } catch (IOException failure) {
        throw new UncheckedIOException("cannot be read: " + file.path(), failure);
      }
    }
  }
}
