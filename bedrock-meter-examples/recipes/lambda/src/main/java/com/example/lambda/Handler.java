// SPDX-License-Identifier: Apache-2.0
package com.example.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.pricing.PriceCatalog;
import java.time.ZoneOffset;
import java.util.Map;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/**
 * A function behind a URL. Meter and client are made when the class is loaded, in the time that a
 * cold start has for that, and live as long as the environment.
 */
public final class Handler implements RequestHandler<Map<String, String>, Map<String, Object>> {
  /*
   * Balances in memory are those of one environment, of which Lambda runs as many as there are
   * calls at once: a limit that holds for all of them needs a shared ledger, such as DynamoDbLedger.
   * A frozen environment does nothing between calls, so nothing here may need a thread of its own:
   * the ledger in memory settles before the handler returns.
   */
  private static final BedrockMeter METER =
      BedrockMeter.builder()
          .prices(PriceCatalog.bundled())
          .listener(MeterListener.logging())
          .budget(
              Budget.named("user-daily")
                  .limit(Amount.requests(2))
                  .window(Window.daily(ZoneOffset.UTC))
                  .per("user")
                  .build())
          .build();

  // The smallest HTTP client of the SDK starts fastest.
  private static final BedrockRuntimeClient CLIENT =
      METER.wrap(BedrockRuntimeClient.builder(), UrlConnectionHttpClient.builder());

  @Override
  public Map<String, Object> handleRequest(Map<String, String> event, Context context) {
    Message question =
        Message.builder()
            .role(ConversationRole.USER)
            .content(ContentBlock.fromText(event.get("question")))
            .build();
    try {
      String answer =
          CLIENT
              .converse(
                  request ->
                      request
                          .modelId("amazon.nova-lite-v1:0")
                          .messages(question)
                          .overrideConfiguration(
                              BedrockMeter.tags("user", event.get("user"))::accept))
              .output()
              .message()
              .content()
              .get(0)
              .text();
      return Map.of("statusCode", 200, "body", answer);
    } catch (BudgetExceededException denied) {
      return Map.of("statusCode", 429, "body", denied.getMessage());
    }
  }
}
