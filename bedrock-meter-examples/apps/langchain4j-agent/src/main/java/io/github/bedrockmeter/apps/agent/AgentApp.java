// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.apps.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.bedrockmeter.testkit.FakeBedrock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/**
 * The application: a page that starts runs of an agent which never ends by itself, and shows how
 * each is stopped. It needs no AWS; the model is a script behind FakeBedrock.
 */
public final class AgentApp implements AutoCloseable {
  private final FakeBedrock bedrock = FakeBedrock.start();
  private final Agents agents;
  private final HttpServer server;

  AgentApp(int port) throws IOException {
    RestlessModel.script(bedrock);
    agents = new Agents(bedrock.clientBuilder());
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  /** Starts the application on port 8080, or the one that is given. */
  public static void main(String[] args) throws Exception {
    AgentApp app = new AgentApp(args.length == 0 ? 8080 : Integer.parseInt(args[0]));
    System.out.println(
        "Open http://localhost:" + app.port() + "/ and start a run; Ctrl-C ends this");
    Thread.currentThread().join();
  }

  int port() {
    return server.getAddress().getPort();
  }

  FakeBedrock bedrock() {
    return bedrock;
  }

  Agents agents() {
    return agents;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (path.equals("/runs") && exchange.getRequestMethod().equals("POST")) {
        agents.start();
        exchange.getResponseHeaders().add("Location", "/");
        exchange.sendResponseHeaders(303, -1);
      } else if (path.equals("/")) {
        byte[] page = page().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
        exchange.sendResponseHeaders(200, page.length);
        exchange.getResponseBody().write(page);
      } else {
        exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private String page() {
    boolean isBusy = agents.runs().values().stream().anyMatch(run -> !run.hasEnded());
    return """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>An agent on a budget</title>%s
        <style>body{font:16px sans-serif;max-width:60em;margin:2em auto}li{color:#555}</style></head>
        <body><h1>An agent on a budget</h1>
        <p>The agent searches until its model is sure, and its model is never sure. Each run may cost $%s.</p>
        <form method="post" action="/runs"><button>Start a run</button></form>%s</body></html>
        """
        .formatted(
            isBusy ? "<meta http-equiv=\"refresh\" content=\"1\">" : "",
            Agents.LIMIT,
            agents.runs().values().stream().map(AgentApp::section).collect(Collectors.joining()));
  }

  private static String section(Run run) {
    return "<section id=\"%s\"><h2>%s: %d calls, $%s</h2><p>%s</p><ol>%s</ol></section>"
        .formatted(
            run.id(),
            run.id(),
            run.calls(),
            run.usd().toPlainString(),
            escaped(run.end()),
            run.steps().stream()
                .map(step -> "<li>" + step + "</li>")
                .collect(Collectors.joining()));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  @Override
  public void close() {
    server.stop(0);
    agents.close();
    bedrock.close();
  }
}
