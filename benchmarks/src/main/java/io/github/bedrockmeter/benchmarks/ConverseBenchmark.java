// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.CannedBedrock;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/**
 * A Converse call through the SDK's whole pipeline, answered at once: plain, and metered with three
 * budgets, the bundled catalogue and one listener; and metered with three tags, which are stamped
 * into the request. Run it with {@code -prof gc} and compare {@code gc.alloc.rate.norm}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ConverseBenchmark {
  private final BedrockRuntimeClient plain = CannedBedrock.client();
  private final LongAdder events = new LongAdder();
  private final BedrockRuntimeClient metered =
      BedrockMeter.builder()
          .prices(PriceCatalog.bundled())
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
  private final ConverseRequest request =
      ConverseRequest.builder()
          .modelId("amazon.nova-pro-v1:0")
          .messages(
              Message.builder()
                  .role(ConversationRole.USER)
                  .content(ContentBlock.fromText("Hello"))
                  .build())
          .inferenceConfig(c -> c.maxTokens(100))
          .build();
  private final ConverseRequest tagged =
      request.toBuilder()
          .overrideConfiguration(
              BedrockMeter.tags("applicationId", "chat", "costCenter", "42", "environment", "prod"))
          .build();

  private static Budget dollars(String name, Window window) {
    return Budget.named(name).limit(Amount.usd("1000000")).window(window).build();
  }

  /** The SDK alone. */
  @Benchmark
  public ConverseResponse plain() {
    return plain.converse(request);
  }

  /** The SDK and the meter. */
  @Benchmark
  public ConverseResponse metered() {
    return metered.converse(request);
  }

  /** The SDK and the meter, with three tags. */
  @Benchmark
  public ConverseResponse meteredWithTags() {
    return metered.converse(tagged);
  }
}
