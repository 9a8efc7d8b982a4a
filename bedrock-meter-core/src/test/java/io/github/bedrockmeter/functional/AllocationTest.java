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
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;

/** What metering adds to a call, in bytes allocated on the caller's thread. */
class AllocationTest {
  private static final int CALLS = 2_000;
  private static final int ROUNDS = 8;
  private static final long MOST_BYTES_ADDED = 1_000;

  /** An HTTP client that has the answer at hand, under the SDK's whole pipeline. */
  private static final class CannedHttp implements SdkHttpClient {
    private static final byte[] ANSWER =
        """
        {"metrics":{"latencyMs":852},"output":{"message":{"role":"assistant","content":[{"text":\
        "Hello! How can I help you today?"}]}},"stopReason":"end_turn","usage":{"inputTokens":1,\
        "outputTokens":54,"totalTokens":55,"cacheReadInputTokens":0,"cacheWriteInputTokens":0}}\
        """
            .getBytes(StandardCharsets.UTF_8);

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
      return new ExecutableHttpRequest() {
        @Override
        public HttpExecuteResponse call() {
          return HttpExecuteResponse.builder()
              .response(
                  SdkHttpResponse.builder()
                      .statusCode(200)
                      .putHeader("Content-Type", "application/json")
                      .putHeader("x-amzn-RequestId", "canned")
                      .build())
              .responseBody(AbortableInputStream.create(new ByteArrayInputStream(ANSWER)))
              .build();
        }

        @Override
        public void abort() {}
      };
    }

    @Override
    public void close() {}
  }

  @Test
  void threeBudgetsAndAListenerAddLittleToAConverseCall() {
    BedrockRuntimeClient plain =
        BedrockRuntimeClient.builder()
            .httpClient(new CannedHttp())
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")))
            .build();
    LongAdder events = new LongAdder();
    BedrockRuntimeClient metered =
        BedrockMeter.builder()
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
            .build()
            .wrap(plain);
    ConverseRequest request = Scene.converse(Scene.CLAUDE, 100);

    bytesPerCall(plain, request);
    bytesPerCall(metered, request);
    long leastAdded = Long.MAX_VALUE;
    long plainBytes = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long without = bytesPerCall(plain, request);
      long with = bytesPerCall(metered, request);
      if (with - without < leastAdded) {
        leastAdded = with - without;
        plainBytes = without;
      }
    }

    System.out.printf(
        "allocation: a plain Converse call %,d bytes, metering with three budgets and a listener"
            + " adds %,d bytes%n",
        plainBytes, leastAdded);
    assertThat(events.sum()).isEqualTo(CALLS * (ROUNDS + 1L));
    assertThat(leastAdded).isLessThanOrEqualTo(MOST_BYTES_ADDED);
  }

  private static Budget dollars(String name, Window window) {
    return Budget.named(name).limit(Amount.usd("100000")).window(window).build();
  }

  private static long bytesPerCall(BedrockRuntimeClient client, ConverseRequest request) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < CALLS; i++) {
      client.converse(request);
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / CALLS;
  }
}
