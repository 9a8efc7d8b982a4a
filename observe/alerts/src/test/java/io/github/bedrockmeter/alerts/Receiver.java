// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server on a socket of this machine that keeps what is posted to it, and answers as scripted.
 */
final class Receiver implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  /** Stands for what makes a URL a secret. */
  static final String SECRET = "T0SECRET/B0SECRET/xSECRETx";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Posted> posted = new ArrayList<>();
  private final Deque<Answer> script = new ArrayDeque<>();
  private Answer standard = new Answer(200, Map.of(), "ok");
  private final CountDownLatch closing = new CountDownLatch(1);

  record Posted(String path, Map<String, List<String>> headers, String body) {
    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException notJson) {
        throw new UncheckedIOException(notJson);
      }
    }

    String header(String name) {
      return headers.getOrDefault(name, List.of("")).get(0);
    }
  }

  /** A status of zero answers nothing until the receiver is closed. */
  record Answer(int status, Map<String, String> headers, String body) {}

  Receiver() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    Answer answer;
    synchronized (this) {
      posted.add(
          new Posted(
              exchange.getRequestURI().toString(), Map.copyOf(exchange.getRequestHeaders()), body));
      answer = script.isEmpty() ? standard : script.remove();
    }
    if (answer.status() == 0) {
      try {
        closing.await();
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
      exchange.close();
      return;
    }
    answer.headers().forEach(exchange.getResponseHeaders()::set);
    byte[] bytes = answer.body().getBytes(UTF_8);
    exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /** The next answers, before the standard one. */
  synchronized Receiver answers(int... statuses) {
    for (int status : statuses) {
      script.add(new Answer(status, Map.of(), ""));
    }
    return this;
  }

  synchronized Receiver answer(int status, Map<String, String> headers, String body) {
    script.add(new Answer(status, headers, body));
    return this;
  }

  synchronized Receiver always(int status, String body) {
    standard = new Answer(status, Map.of(), body);
    return this;
  }

  Receiver neverAnswers() {
    return always(0, "");
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** A webhook's URL, with what is secret about it. */
  String url() {
    return address() + "/services/" + SECRET + "?sig=SECRETSIG";
  }

  synchronized List<Posted> posted() {
    return List.copyOf(posted);
  }

  List<JsonNode> messages() {
    return posted().stream().map(Posted::json).toList();
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
