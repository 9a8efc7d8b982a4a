// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import io.github.bedrockmeter.testkit.sample.SampleEvents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A target that is stuck, slow, full or closed harms no call. */
@Timeout(180)
class StuckTargetsTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir Path folder;
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  @BeforeEach
  void catchTheLog() {
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void restore() {
    System.setOut(out);
    System.setErr(err);
    err.print(log.toString(StandardCharsets.UTF_8));
  }

  private long logged(String text) {
    return log.toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains("LineWriter") && line.contains(text))
        .count();
  }

  private static UsageEvent sample() {
    return SampleEvents.completed(SampleCalls.converse().build()).build();
  }

  @Test
  void aMinuteOfDenialsWithAFileThatIsNotRead() throws Exception {
    Fifo fifo = Fifo.at(folder.resolve("emf.pipe"));
    try (CloudWatchMetrics sink =
        CloudWatchMetrics.builder().file(fifo.path()).queueCapacity(2_000).build()) {
      System.out.println(Flood.through(sink, 2_000, "a file that is not read"));

      assertThat(sink.written()).isZero();
      assertThat(sink.pending()).isBetween(2_000L, 2_001L);
      assertThat(sink.pending() + sink.dropped()).isEqualTo(Flood.DENIALS);
      assertThat(sink.flush(Duration.ofMillis(10))).isFalse();
      Awaitility.await().atMost(LONG).until(() -> logged("dropped") > 0);
      assertThat(logged("dropped")).isEqualTo(1);

      CompletableFuture<String> read = fifo.read();
      assertThat(sink.flush(LONG)).isTrue();
      sinkClosed(sink);
      Lines lines = Lines.of(read.get(60, TimeUnit.SECONDS));
      assertThat(lines.sum("RateLimitDenied").add(lines.sum("LinesDropped")))
          .isEqualByComparingTo(BigDecimal.valueOf(Flood.DENIALS));
      assertThat(lines.sum("LinesDropped")).isPositive();
      assertThat(lines.dimensions().get("LinesDropped")).isEmpty();
    }
  }

  @Test
  void aMinuteOfDenialsWithAStandardOutputThatIsStuckAndALogTheSame() throws Exception {
    CountDownLatch free = new CountDownLatch(1);
    PrintStream stuck = new PrintStream(new StuckUntil(free));
    System.setOut(stuck);
    System.setErr(stuck);
    String figures;
    try (CloudWatchMetrics sink =
        CloudWatchMetrics.builder().queueCapacity(100).closeWithin(LONG).build()) {
      figures = Flood.through(sink, 100, "a standard output that is stuck");

      assertThat(sink.written()).isZero();
      assertThat(sink.pending()).isBetween(100L, 101L);
      assertThat(sink.pending() + sink.dropped()).isEqualTo(Flood.DENIALS);
      free.countDown();
      assertThat(sink.flush(LONG)).isTrue();
      assertThat(sink.written() + sink.dropped()).isEqualTo(Flood.DENIALS);
      assertThat(sink.written()).isPositive();
    } finally {
      free.countDown();
      restore();
    }
    System.out.println(figures);
  }

  private static final class StuckUntil extends OutputStream {
    private final CountDownLatch free;

    StuckUntil(CountDownLatch free) {
      this.free = free;
    }

    @Override
    public void write(int b) throws IOException {
      try {
        free.await();
      } catch (InterruptedException interrupted) {
        throw new IOException(interrupted);
      }
    }
  }

  @SuppressWarnings("try") // closed here, to see what was written until then
  private static void sinkClosed(CloudWatchMetrics sink) {
    sink.close();
  }

  @Test
  void aStuckTargetDoesNotKeepClose() throws Exception {
    Fifo fifo = Fifo.at(folder.resolve("emf.pipe"));
    CloudWatchMetrics sink =
        CloudWatchMetrics.builder().file(fifo.path()).closeWithin(Duration.ofMillis(100)).build();
    for (int i = 0; i < 10; i++) {
      sink.onUsage(sample());
    }
    Awaitility.await().atMost(LONG).until(() -> sink.pending() == 10);

    long begin = System.nanoTime();
    sinkClosed(sink);

    assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(30));
    assertThat(sink.dropped()).isBetween(9L, 10L);
    assertThat(logged("are lost, since the file")).isEqualTo(1);
    sink.onUsage(sample());
    assertThat(sink.dropped()).isBetween(10L, 11L);
    fifo.read().get(60, TimeUnit.SECONDS); // lets the thread go
  }

  @Test
  void aFullDiskIsLoggedOnceAndHarmsNoCall() throws Exception {
    Path full = Path.of("/dev/full");
    if (!Files.exists(full)) {
      System.out.println("NOT RUN: aFullDiskIsLoggedOnceAndHarmsNoCall, without /dev/full");
      Assumptions.abort("no /dev/full");
    }
    CloudWatchMetrics sink =
        CloudWatchMetrics.builder().file(full).queueCapacity(5).closeWithin(LONG).build();
    try (Workload workload = new Workload(sink)) {
      workload.run();

      assertThat(workload.events.usages()).isNotEmpty();
      Awaitility.await()
          .atMost(LONG)
          .until(() -> logged("cannot be written: the file /dev/full") == 1);
    }
    sinkClosed(sink);
    assertThat(sink.written()).isZero();
    assertThat(sink.pending()).isZero();
    assertThat(logged("cannot be written: the file /dev/full")).isEqualTo(1);
    assertThat(log.toString(StandardCharsets.UTF_8)).contains("No space left");
  }

  @Test
  void aClosedStandardOutputIsLoggedOnceAndHarmsNoCall() {
    System.setOut(
        new PrintStream(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
              }
            }));
    MeterListener.DenialEvent denial =
        SampleEvents.denied(SampleCalls.converse().build(), "daily", "no");
    try (CloudWatchMetrics sink = CloudWatchMetrics.builder().build()) {
      for (int i = 0; i < 1_000; i++) {
        sink.onDenied(denial);
      }
      assertThat(sink.flush(LONG)).isTrue();

      assertThat(sink.dropped()).isEqualTo(1_000);
      assertThat(logged("cannot be written: the standard output")).isEqualTo(1);
    }
  }

  @Test
  void nothingIsLostWhileAFolderIsMissingForAMoment() throws Exception {
    Path inner = Files.createDirectory(folder.resolve("inner"));
    Path file = inner.resolve("emf.log");
    try (CloudWatchMetrics sink = CloudWatchMetrics.builder().file(file).build()) {
      Files.delete(inner);
      for (int i = 0; i < 100; i++) {
        sink.onUsage(sample());
      }
      Awaitility.await().atMost(LONG).until(() -> logged("cannot be written") == 1);
      Files.createDirectory(inner);

      assertThat(sink.flush(LONG)).isTrue();
      assertThat(sink.dropped()).isZero();
      assertThat(Lines.of(file).all()).hasSize(100);
      Awaitility.await().atMost(LONG).until(() -> logged("over after") == 1);
    }
  }

  @Test
  void linesOnTheStandardOutputStandAlone() {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    try (CloudWatchMetrics sink = CloudWatchMetrics.builder().build()) {
      for (int i = 0; i < 500; i++) {
        sink.onUsage(sample());
        System.out.println("the application's own line");
      }
      assertThat(sink.flush(LONG)).isTrue();
    }

    String text = output.toString(StandardCharsets.UTF_8);
    assertThat(text.lines().filter(line -> line.equals("the application's own line"))).hasSize(500);
    StringBuilder others = new StringBuilder();
    text.lines()
        .filter(line -> !line.startsWith("the"))
        .forEach(line -> others.append(line).append('\n'));
    assertThat(Lines.of(others.toString()).sum("TotalRequests"))
        .isEqualByComparingTo(BigDecimal.valueOf(500));
  }

  @Test
  void theThreadEndsWhenIdleAndStartsAgain() throws Exception {
    Path file = folder.resolve("emf.log");
    try (CloudWatchMetrics sink =
        CloudWatchMetrics.builder().file(file).idleAfter(Duration.ofMillis(20)).build()) {
      assertThat(isThreadAlive()).isFalse();
      for (int i = 1; i <= 3; i++) {
        sink.onUsage(sample());
        assertThat(sink.flush(LONG)).isTrue();
        Awaitility.await().atMost(LONG).until(() -> !isThreadAlive());
        assertThat(Lines.of(file).all()).hasSize(i);
      }
    }
  }

  private static boolean isThreadAlive() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("bedrock-meter-cloudwatch"));
  }
}
