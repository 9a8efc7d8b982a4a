// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budgetsfile.BudgetsFile;
import io.github.bedrockmeter.budgetsfile.BudgetsWatch;
import io.github.bedrockmeter.budgetsfile.Reload;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** How do I change a limit while the application runs? */
public final class BudgetsFromFile {
  private BudgetsFromFile() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock
          .on(Chats.CLAUDE_SONNET)
          .reply(Reply.text("A summary.").inputTokens(20).outputTokens(300));
      Path file = Files.createTempFile("budgets", ".yaml");
      write(file, "0.010 USD");

      BedrockMeter meter = BedrockMeter.builder().prices(PriceCatalog.bundled()).build();
      // BudgetsFile.watch(file, meter) reloads by itself; this example calls reload().
      try (BudgetsWatch watch = BudgetsFile.onDemand(file, meter, BudgetsFromFile::print)) {
        BedrockRuntimeClient client = meter.wrap(bedrock.client());
        summarize(client);
        summarize(client);

        write(file, "0.020 dollars"); // a mistake: the old limit stays in force
        watch.reload();
        write(file, "0.020 USD"); // what was spent stays spent
        watch.reload();
        summarize(client);
      } finally {
        Files.delete(file);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void write(Path file, String limit) throws IOException {
    Files.writeString(
        file,
        """
        budgets:
          - name: tenant-monthly
            limit: %s
            window: monthly in UTC
            per: tenant
        """
            .formatted(limit));
  }

  private static void print(Reload reload) {
    if (reload instanceof Reload.Refused refused) {
      refused.reason().problems().forEach(System.out::println);
    } else if (reload instanceof Reload.Replaced replaced) {
      System.out.println("In force: " + replaced.budgets());
    }
  }

  private static void summarize(BedrockRuntimeClient client) {
    try {
      client.converse(
          request ->
              request
                  .modelId(Chats.CLAUDE_SONNET)
                  .messages(Chats.user("Summarize this week's tickets."))
                  .inferenceConfig(inference -> inference.maxTokens(400))
                  .overrideConfiguration(BedrockMeter.tags("tenant", "acme")));
      System.out.println("acme: answered");
    } catch (BudgetExceededException denied) {
      System.out.println("acme: " + denied.getMessage());
    }
  }
}
