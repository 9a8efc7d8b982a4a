// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.apps.agent;

import dev.langchain4j.model.bedrock.BedrockChatModel;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.service.AiServices;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.pricing.PriceCatalog;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClientBuilder;

/** Runs agents, each on a budget of its own. Thread-safe. */
final class Agents implements AutoCloseable {
  /** What one run may cost. */
  static final String LIMIT = "0.05";

  private final Map<String, Run> runs = new ConcurrentSkipListMap<>();
  private final AtomicInteger last = new AtomicInteger();
  private final BedrockMeter meter;
  private final Research agent;

  Agents(BedrockRuntimeClientBuilder client) {
    // The whole of what a budget for each run needs.
    meter =
        BedrockMeter.builder()
            .prices(PriceCatalog.bundled())
            .budget(
                Budget.named("run")
                    .limit(Amount.usd(LIMIT))
                    .window(Window.untilIdle(Duration.ofMinutes(10)))
                    .per("run")
                    .build())
            .requireTag("run")
            .listener(new Steps())
            .build();
    BedrockChatModel model =
        BedrockChatModel.builder()
            .client(meter.wrap(client))
            .modelId(RestlessModel.ID)
            .defaultRequestParameters(ChatRequestParameters.builder().maxOutputTokens(300).build())
            .build();
    agent =
        AiServices.builder(Research.class)
            .chatModel(model)
            .tools(new Research.Tools())
            .maxToolCallingRoundTrips(10_000) // nothing of LangChain4j's stops it
            .build();
  }

  /** Starts a run, on a thread of its own. */
  Run start() {
    Run run = new Run("run-" + last.incrementAndGet());
    runs.put(run.id(), run);
    Thread thread = new Thread(() -> work(run), run.id());
    thread.setDaemon(true);
    thread.start();
    return run;
  }

  @SuppressWarnings("try") // the scope is used by being open
  private void work(Run run) {
    try (BedrockMeter.Scope scope = BedrockMeter.openScope(Tags.of("run", run.id()))) {
      run.ended("answered: " + agent.answer("Is the question settled?"));
    } catch (RuntimeException failure) {
      run.ended(why(failure));
    }
  }

  /** LangChain4j throws an exception of its own, with the denial as its cause, after one try. */
  private static String why(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BudgetExceededException denied) {
        return "stopped: " + denied.getMessage();
      }
    }
    return "failed: " + failure;
  }

  Map<String, Run> runs() {
    return runs;
  }

  @Override
  public void close() {
    meter.close();
  }

  /** Puts each call that has ended into its run. */
  private final class Steps implements MeterListener {
    @Override
    public void onUsage(UsageEvent event) {
      String id = event.call().tags().get("run");
      Run run = id == null ? null : runs.get(id);
      if (run != null) {
        run.step(
            event.usage().inputTokens()
                + " tokens in, "
                + event.usage().outputTokens()
                + " out: $"
                + event.cost().atLeastUsd().toPlainString(),
            event.cost().atLeastUsd());
      }
    }
  }
}
