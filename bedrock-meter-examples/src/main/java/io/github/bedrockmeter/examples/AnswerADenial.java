// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.FakeTime;
import io.github.bedrockmeter.testkit.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** How does a web application answer a request whose call was denied? */
public final class AnswerADenial {
  private AnswerADenial() {}

  /** Runs the example; it takes no arguments. */
  public static void main(String[] args) throws IOException, InterruptedException {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock
          .on(Chats.CLAUDE_SONNET)
          .reply(Reply.text("A summary.").inputTokens(20).outputTokens(300));

      BedrockMeter meter =
          BedrockMeter.builder()
              .requireTag("tenant")
              .budget(
                  Budget.named("tenant-daily")
                      .limit(Amount.usd("0.010"))
                      .window(Window.daily(ZoneOffset.UTC))
                      .per("tenant")
                      .build())
              .prices(PriceCatalog.bundled())
              .clock(FakeTime.at("2026-11-23T21:00:00Z")) // three hours before the window resets
              .build();
      BedrockRuntimeClient client = meter.wrap(bedrock.client());

      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/summary", exchange -> answer(client, exchange));
      server.start();
      try {
        int port = server.getAddress().getPort();
        request(port, "acme", 400);
        request(port, "acme", 400); // what is left of acme's budget is too little
        request(port, "acme", 2_000); // more than the whole budget
        request(port, "", 400); // no tenant
      } finally {
        server.stop(0);
      }
    }
  }

  /** Calls Bedrock for one HTTP request; a denial decides status and {@code Retry-After}. */
  private static void answer(BedrockRuntimeClient client, HttpExchange exchange)
      throws IOException {
    String tenant = exchange.getRequestHeaders().getFirst("X-Tenant");
    String maxTokens = exchange.getRequestHeaders().getFirst("X-Max-Tokens");
    try {
      String summary =
          Chats.textOf(
              client.converse(
                  request ->
                      request
                          .modelId(Chats.CLAUDE_SONNET)
                          .messages(Chats.user("Summarize this week's tickets."))
                          .inferenceConfig(i -> i.maxTokens(Integer.valueOf(maxTokens)))
                          .overrideConfiguration(
                              tenant.isEmpty()
                                  ? BedrockMeter.tags()
                                  : BedrockMeter.tags("tenant", tenant))));
      send(exchange, 200, summary);
    } catch (BudgetExceededException exceeded) {
      Denied denial = exceeded.denial();
      Duration retryAfter = denial.retryAfter();
      if (retryAfter != null) {
        exchange.getResponseHeaders().set("Retry-After", "" + secondsRoundedUp(retryAfter));
      }
      // The label names no amounts; denial.message() does, and belongs into the operator's log.
      send(exchange, denial.kind().httpStatus(), denial.kind().label());
    }
  }

  private static long secondsRoundedUp(Duration duration) {
    return duration.plusNanos(999_999_999).toSeconds();
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static void request(int port, String tenant, int maxTokens)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/summary"))
            .header("X-Tenant", tenant)
            .header("X-Max-Tokens", "" + maxTokens)
            .build();
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    String retryAfter =
        response
            .headers()
            .firstValue("Retry-After")
            .map(s -> " (Retry-After: " + s + ")")
            .orElse("");
    System.out.println(response.statusCode() + " " + response.body() + retryAfter);
  }
}
