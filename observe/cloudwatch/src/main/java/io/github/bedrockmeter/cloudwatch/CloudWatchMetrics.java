// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import io.github.bedrockmeter.cloudwatch.CallLines.DimensionTags;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.internal.text.Escaped;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Writes a line for each call that ended and for each denial, in CloudWatch's embedded metric
 * format: CloudWatch Logs makes metrics of it, and Logs Insights finds the call by its ids and
 * tags. {@code docs/cloudwatch.md} lists every metric and property. Thread-safe.
 *
 * <pre>{@code
 * CloudWatchMetrics cloudWatch = CloudWatchMetrics.builder()
 *     .file(Path.of("/var/log/app/bedrock-emf.log")) // without it: the standard output
 *     .build();
 * BedrockMeter meter = BedrockMeter.builder().listener(cloudWatch).build();
 * }</pre>
 *
 * <p>A call is delayed by what it takes to put a reference into a queue, some microseconds, and
 * never by the target: a daemon thread of its own writes the lines, and ends when there are none
 * for ten seconds. While the target takes none, up to {@link Builder#queueCapacity} lines wait;
 * further ones are dropped, counted by {@link #dropped} and, once it works again, by the metric
 * {@code LinesDropped}.
 */
public final class CloudWatchMetrics implements MeterListener, AutoCloseable {
  private final LineWriter writer;
  private final CallLines lines;
  private final Combinations combinations;
  private final InstantSource clock;
  private final Duration closeWithin;

  private CloudWatchMetrics(Builder settings) {
    this.combinations = new Combinations(settings.mostCombinations);
    this.lines =
        new CallLines(
            new EmfLines(settings.namespace),
            combinations,
            new DimensionTags(
                settings.costCenterTag, settings.applicationTag, settings.environmentTag));
    this.clock = settings.clock;
    this.closeWithin = settings.closeWithin;
    this.writer =
        new LineWriter(
            settings.target,
            settings.queueCapacity,
            settings.idleAfter,
            count -> lines.dropped(count, clock.millis()));
  }

  /** A builder of a listener that writes to the standard output, unless it is given a file. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public void onUsage(UsageEvent event) {
    long now = clock.millis();
    writer.add(() -> lines.of(event, now));
  }

  @Override
  public void onDenied(DenialEvent event) {
    long now = clock.millis();
    writer.add(() -> lines.of(event, now));
  }

  /**
   * Waits until the lines of all events so far are written or lost. For Lambda, at the end of an
   * invocation, since nothing runs between two of them.
   *
   * @param within how long to wait, a day at most
   * @return false if that takes longer, or if the thread is interrupted
   */
  public boolean flush(Duration within) {
    return writer.flush(within);
  }

  /** Lines of events that were written. */
  public long written() {
    return writer.written();
  }

  /** Lines that wait to be written, and the one that is being written. */
  public long pending() {
    return writer.pending();
  }

  /**
   * Lines that are lost, or may be: too many waited, this was closed, or the standard output
   * failed.
   */
  public long dropped() {
    return writer.dropped();
  }

  /** Lines whose dimensions were folded into {@code (other)}. */
  public long folded() {
    return combinations.folded();
  }

  /**
   * Writes the lines that wait, for five seconds unless set otherwise, and drops the rest, which it
   * logs in a second at most. A thread that is interrupted does not wait. Events that come later
   * are dropped and counted. Close the meter first.
   */
  @Override
  public void close() {
    writer.close(closeWithin);
  }

  /** Makes a listener. Mutable, confined to one thread. */
  public static final class Builder {
    private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._/#-][A-Za-z0-9._/#: -]*");
    private static final int LONGEST_NAMESPACE = 255;
    private static final long MOST_FILE_BYTES = 64L << 20;
    private static final long LEAST_FILE_BYTES = 1L << 20;
    private static final int MOST_WAITING = 1_000_000;

    private Target target = new StandardOutput();
    private String namespace = "GenAIRateLimiting";
    private String costCenterTag = "costCenter";
    private String applicationTag = "applicationId";
    private String environmentTag = "environment";
    private int mostCombinations = 1_000;
    private int queueCapacity = 10_000;
    private Duration closeWithin = Duration.ofSeconds(5);
    private Duration idleAfter = Duration.ofSeconds(10);
    private InstantSource clock = InstantSource.system();

    private Builder() {}

    /** Writes to a file, as {@link #file(Path, long)}, of at most 64 MiB. */
    public Builder file(Path file) {
      return file(file, MOST_FILE_BYTES);
    }

    /**
     * Writes to a file, which CloudWatch's agent reads, instead of to the standard output. It is
     * its owner's alone unless it exists; where it is full, it is renamed to {@code <file>.1}, in
     * the place of the one before. One process for each file. It is opened when there is a line,
     * and anew where it was renamed or deleted.
     *
     * @param mostBytes the most it may hold, at least a mebibyte
     * @throws IllegalArgumentException if it is a folder, or its folder does not exist
     */
    public Builder file(Path file, long mostBytes) {
      Path folder = file.toAbsolutePath().getParent();
      if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(file)) {
        throw new IllegalArgumentException(
            "file must be in a folder that exists, such as /var/log/app/bedrock-emf.log: " + file);
      }
      if (mostBytes < LEAST_FILE_BYTES) {
        throw new IllegalArgumentException(
            "mostBytes must be at least 1048576, for example 67108864: " + mostBytes);
      }
      this.target = new LogFile(file.toAbsolutePath(), mostBytes);
      return this;
    }

    /** The namespace of all metrics in CloudWatch; {@code GenAIRateLimiting} by default. */
    public Builder namespace(String namespace) {
      if (namespace.length() > LONGEST_NAMESPACE
          || !NAMESPACE.matcher(namespace).matches()
          || namespace.startsWith("AWS/")) {
        throw new IllegalArgumentException(
            "namespace must have at most 255 letters, digits and ._/#:- and must not begin with"
                + " AWS/, for example 'GenAIRateLimiting': '"
                + Escaped.text(namespace)
                + "'");
      }
      this.namespace = namespace;
      return this;
    }

    /** The tag whose value is the dimension {@code CostCenter}; {@code costCenter} by default. */
    public Builder costCenterTag(String tag) {
      this.costCenterTag = named("costCenterTag", tag);
      return this;
    }

    /**
     * The tag whose value is the dimension {@code Application}; {@code applicationId} by default.
     */
    public Builder applicationTag(String tag) {
      this.applicationTag = named("applicationTag", tag);
      return this;
    }

    /** The tag whose value is the dimension {@code Environment}; {@code environment} by default. */
    public Builder environmentTag(String tag) {
      this.environmentTag = named("environmentTag", tag);
      return this;
    }

    private static String named(String setting, String tag) {
      if (tag.isBlank()) {
        throw new IllegalArgumentException(
            setting + " must not be blank, for example 'costCenter': '" + tag + "'");
      }
      return tag;
    }

    /**
     * How many combinations of dimensions there may be, 1,000 by default: CloudWatch charges for
     * each metric of each. The first ones that this process sees stay as they are; the tags of
     * later ones, and at last their models, are {@code (other)}.
     */
    public Builder mostCombinations(int most) {
      if (most < 1) {
        throw new IllegalArgumentException(
            "mostCombinations must be positive, for example 1000: " + most);
      }
      this.mostCombinations = most;
      return this;
    }

    /** How many lines may wait for the target; 10,000 by default, of about a kilobyte each. */
    public Builder queueCapacity(int lines) {
      if (lines < 1 || lines > MOST_WAITING) {
        throw new IllegalArgumentException(
            "queueCapacity must be 1 to 1000000, for example 10000: " + lines);
      }
      this.queueCapacity = lines;
      return this;
    }

    /** How long {@link CloudWatchMetrics#close} waits; 5 seconds by default. */
    public Builder closeWithin(Duration time) {
      if (time.isNegative() || time.compareTo(Duration.ofDays(1)) > 0) {
        throw new IllegalArgumentException(
            "closeWithin must be zero to a day, for example PT5S: " + time);
      }
      this.closeWithin = time;
      return this;
    }

    /** The clock for the time of a line: when a call ended, or was denied. */
    public Builder clock(InstantSource clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /** How long the thread waits for a line before it ends; for tests. */
    Builder idleAfter(Duration time) {
      this.idleAfter = time;
      return this;
    }

    /** The listener. Nothing is opened, and no thread is started, before there is a line. */
    public CloudWatchMetrics build() {
      return new CloudWatchMetrics(this);
    }
  }
}
