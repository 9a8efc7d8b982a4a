// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.testkit.CannedBedrock;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;

/**
 * What metering adds to a call, in bytes allocated on the caller's thread. The meter's own bytes
 * are measured over a client that answers at once with one response of the real SDK, where they are
 * the same in each run; the difference of two runs through the SDK's pipeline would be lost in what
 * the pipeline's own figure moves by.
 */
class AllocationTest {
  /** A busy machine gives the compiler little time; more rounds give it more. */
  private static final int MOST_ROUNDS = 60;

  @Test
  void threeBudgetsAndAListenerAddLittleToAConverseCall() throws Exception {
    long added = leastOfThree(What.CALL);

    System.out.printf(
        "allocation: metering with three budgets and a listener adds %,d bytes%n", added);
    assertThat(added).isLessThanOrEqualTo(What.CALL.most);
  }

  @Test
  void theIdOfACallAddsACopyOfItsRequest() throws Exception {
    long added = leastOfThree(What.CALL_WITH_ID);

    System.out.printf("allocation: with the call's id in its metadata %,d bytes%n", added);
    assertThat(added).isLessThanOrEqualTo(What.CALL_WITH_ID.most);
  }

  @Test
  void seeingWhatIsSentAddsLittleToTheSdksPipeline() throws Exception {
    long added = leastOfThree(What.PIPELINE);

    System.out.printf("allocation: a client built through the meter adds %,d bytes%n", added);
    assertThat(added).isLessThanOrEqualTo(What.PIPELINE.most);
  }

  /** What is measured, and the most bytes that it may add. */
  private enum What {
    CALL(1_000),
    /** The SDK copies the request to write the id. */
    CALL_WITH_ID(1_600),
    PIPELINE(2_000);

    private final long most;

    What(long most) {
      this.most = most;
    }
  }

  /** What the compiler leaves out of a call differs a little from JVM to JVM. */
  private static long leastOfThree(What what) throws Exception {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3 && least > what.most; i++) {
      least = Math.min(least, inItsOwnJvm(what));
    }
    return least;
  }

  /**
   * The bytes that metering adds to a call, in a JVM that does nothing else, with the compiler for
   * servers alone: what other tests did, and when a busy machine compiled what, is 24 bytes or 40.
   */
  private static long inItsOwnJvm(What what) throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-TieredCompilation",
                "-cp",
                System.getProperty("java.class.path"),
                AllocationTest.class.getName(),
                what.name())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(printed).isZero();
    return Long.parseLong(printed.strip());
  }

  /** Prints the bytes that metering adds; the argument says to what. */
  public static void main(String[] args) {
    What what = What.valueOf(args[0]);
    LongAdder events = new LongAdder();
    System.out.println(
        what == What.PIPELINE ? inThePipeline(events) : onAConstantClient(what, events));
    if (events.sum() == 0) {
      throw new AssertionError("no call was metered");
    }
  }

  private static long onAConstantClient(What what, LongAdder events) {
    ConverseRequest request = Scene.converse(Scene.CLAUDE, 100);
    BedrockRuntimeClient constant = answering(CannedBedrock.client().converse(request));
    return leastBytesPerCall(
        metered(constant, events, what == What.CALL_WITH_ID), request, 20_000, what.most);
  }

  /** The plain client and the one that is seen, by turns, each at its least. */
  private static long inThePipeline(LongAdder events) {
    ConverseRequest request = Scene.converse(Scene.CLAUDE, 100);
    BedrockRuntimeClient plain = CannedBedrock.client();
    BedrockRuntimeClient seen =
        meter(events, false).wrap(CannedBedrock.clientBuilder(), CannedBedrock.httpClientBuilder());
    long least = Long.MAX_VALUE;
    long leastSeen = Long.MAX_VALUE;
    for (int round = 0;
        round < 15 || (leastSeen - least > What.PIPELINE.most && round < MOST_ROUNDS);
        round++) {
      least = Math.min(least, bytesPerCall(plain, request, 2_000));
      leastSeen = Math.min(leastSeen, bytesPerCall(seen, request, 2_000));
    }
    return leastSeen - least;
  }

  private static BedrockRuntimeClient answering(ConverseResponse response) {
    return new BedrockRuntimeClient() {
      @Override
      public ConverseResponse converse(ConverseRequest request) {
        return response;
      }

      @Override
      public String serviceName() {
        return "answering";
      }

      @Override
      public void close() {}
    };
  }

  private static BedrockRuntimeClient metered(
      BedrockRuntimeClient client, LongAdder events, boolean stampCallId) {
    return meter(events, stampCallId).wrap(client);
  }

  private static BedrockMeter meter(LongAdder events, boolean stampCallId) {
    return BedrockMeter.builder()
        .stampCallId(stampCallId)
        .prices(Scene.PRICES)
        .budget(dollars("hourly", Window.hourly(ZoneOffset.UTC)))
        .budget(dollars("daily", Window.daily(ZoneOffset.UTC)))
        .budget(dollars("monthly", Window.monthly(ZoneOffset.UTC)))
        .listener(
            new MeterListener() {
              @Override
              public void onUsage(UsageEvent event) {
                events.increment();
              }
            })
        .build();
  }

  private static Budget dollars(String name, Window window) {
    return Budget.named(name).limit(Amount.usd("100000")).window(window).build();
  }

  /** The least of several rounds: the earlier ones run before the compiler has done its work. */
  private static long leastBytesPerCall(
      BedrockRuntimeClient client, ConverseRequest request, int calls, long enough) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 15 || (least > enough && round < MOST_ROUNDS); round++) {
      least = Math.min(least, bytesPerCall(client, request, calls));
    }
    return least;
  }

  private static long bytesPerCall(
      BedrockRuntimeClient client, ConverseRequest request, int calls) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < calls; i++) {
      client.converse(request);
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / calls;
  }
}
