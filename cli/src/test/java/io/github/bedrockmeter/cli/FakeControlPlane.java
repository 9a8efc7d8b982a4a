// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;

/**
 * Bedrock's control plane on a loopback port, as far as inference profiles go: pages of two, tags
 * by ARN, a create that is idempotent by its token. Thread-safe.
 */
final class FakeControlPlane implements AutoCloseable {
  static final String ACCOUNT = "123456789012";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAGE = 2;

  private final HttpServer server;
  private final List<ObjectNode> profiles = new ArrayList<>();
  private final Map<String, Map<String, String>> tags = new LinkedHashMap<>();
  private final Map<String, List<String>> models = new TreeMap<>();
  private final Map<String, String> arnsByToken = new TreeMap<>();
  private final List<String> requests = new ArrayList<>();
  private final List<JsonNode> created = new ArrayList<>();
  private final Map<String, Failure> failures = new LinkedHashMap<>();
  private String authorization = "";

  private record Failure(int status, String type, String message) {}

  FakeControlPlane() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool(FakeControlPlane::daemon));
    server.createContext("/", this::serve);
    server.start();
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "fake-control-plane");
    thread.setDaemon(true);
    return thread;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** A foundation model, and how it may be called: {@code ON_DEMAND}, {@code INFERENCE_PROFILE}. */
  synchronized FakeControlPlane model(String id, String... ways) {
    models.put(id, List.of(ways));
    return this;
  }

  /** One of AWS's own profiles, over regions; an empty one stands for everywhere. */
  synchronized FakeControlPlane system(String id, String model, String... regions) {
    String arn = "arn:aws:bedrock:eu-west-1:" + ACCOUNT + ":inference-profile/" + id;
    profiles.add(profile(id, arn, "AWS's " + id, "SYSTEM_DEFINED", arns(model, regions)));
    return this;
  }

  /** An application profile with tags in turn. */
  synchronized FakeControlPlane application(
      String id, String name, List<String> modelArns, String... namesAndValues) {
    profiles.add(profile(id, arn(id), name, "APPLICATION", modelArns));
    Map<String, String> pairs = new TreeMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      pairs.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    tags.put(arn(id), pairs);
    return this;
  }

  /** Changes a field of a profile. */
  synchronized FakeControlPlane set(String id, String field, String value) {
    profiles.stream()
        .filter(profile -> profile.get("inferenceProfileId").asText().equals(id))
        .forEach(profile -> profile.put(field, value));
    return this;
  }

  synchronized void delete(String id) {
    profiles.removeIf(profile -> profile.get("inferenceProfileId").asText().equals(id));
  }

  static String arn(String id) {
    return "arn:aws:bedrock:eu-west-1:" + ACCOUNT + ":application-inference-profile/" + id;
  }

  static List<String> arns(String model, String... regions) {
    List<String> arns = new ArrayList<>();
    for (String region : regions) {
      arns.add("arn:aws:bedrock:" + region + "::foundation-model/" + model);
    }
    return arns;
  }

  private ObjectNode profile(
      String id, String arn, String name, String type, List<String> modelArns) {
    ObjectNode profile = JSON.createObjectNode();
    profile.put("inferenceProfileId", id);
    profile.put("inferenceProfileArn", arn);
    profile.put("inferenceProfileName", name);
    profile.put("status", "ACTIVE");
    profile.put("type", type);
    profile.put("createdAt", "2026-11-%02dT10:00:00Z".formatted(1 + profiles.size()));
    ArrayNode list = profile.putArray("models");
    modelArns.forEach(model -> list.addObject().put("modelArn", model));
    return profile;
  }

  /** Answers requests whose line contains a text so; their line is as {@code GET /path?query}. */
  synchronized FakeControlPlane fail(String part, int status, String type, String message) {
    failures.put(part, new Failure(status, type, message));
    return this;
  }

  /** The lines of all requests. */
  synchronized List<String> requests() {
    return List.copyOf(requests);
  }

  /** The bodies of the requests to create a profile. */
  synchronized List<JsonNode> created() {
    return List.copyOf(created);
  }

  synchronized List<String> names() {
    return profiles.stream().map(profile -> profile.get("inferenceProfileName").asText()).toList();
  }

  synchronized String authorization() {
    return authorization;
  }

  private synchronized void serve(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
    String line =
        exchange.getRequestMethod() + " " + decoded(path) + (query.isEmpty() ? "" : query);
    requests.add(line);
    authorization = exchange.getRequestHeaders().getFirst("Authorization");
    JsonNode body = JSON.readTree(exchange.getRequestBody());
    for (Map.Entry<String, Failure> failure : failures.entrySet()) {
      if (line.contains(failure.getKey())) {
        refuse(exchange, failure.getValue());
        return;
      }
    }
    if (line.startsWith("GET /inference-profiles{")) {
      answer(exchange, 200, page(query));
    } else if (line.startsWith("GET /inference-profiles/")) {
      one(exchange, decoded(path).substring("/inference-profiles/".length()));
    } else if (line.startsWith("GET /foundation-models/")) {
      foundationModel(exchange, decoded(path).substring("/foundation-models/".length()));
    } else if (line.equals("POST /listTagsForResource")) {
      tagsOf(exchange, body.get("resourceARN").asText());
    } else if (line.equals("POST /inference-profiles")) {
      create(exchange, body);
    } else {
      refuse(exchange, new Failure(404, "UnknownOperationException", line));
    }
  }

  private ObjectNode page(Map<String, String> query) {
    List<ObjectNode> ofType =
        profiles.stream()
            .filter(profile -> profile.get("type").asText().equals(query.get("type")))
            .toList();
    int start = Integer.parseInt(query.getOrDefault("nextToken", "0"));
    int end = Math.min(ofType.size(), start + PAGE);
    ObjectNode page = JSON.createObjectNode();
    page.putArray("inferenceProfileSummaries").addAll(ofType.subList(start, end));
    if (end < ofType.size()) {
      page.put("nextToken", "" + end);
    }
    return page;
  }

  private void one(HttpExchange exchange, String idOrArn) throws IOException {
    for (ObjectNode profile : profiles) {
      if (profile.get("inferenceProfileId").asText().equals(idOrArn)
          || profile.get("inferenceProfileArn").asText().equals(idOrArn)) {
        answer(exchange, 200, profile);
        return;
      }
    }
    refuse(exchange, new Failure(404, "ResourceNotFoundException", "no such profile"));
  }

  private void foundationModel(HttpExchange exchange, String idOrArn) throws IOException {
    String id = idOrArn.substring(idOrArn.lastIndexOf('/') + 1);
    List<String> ways = models.get(id);
    if (ways == null) {
      refuse(exchange, new Failure(400, "ValidationException", "The model id is invalid."));
      return;
    }
    ObjectNode answer = JSON.createObjectNode();
    ObjectNode details = answer.putObject("modelDetails");
    details.put("modelId", id);
    details.put("modelArn", "arn:aws:bedrock:eu-west-1::foundation-model/" + id);
    ArrayNode supported = details.putArray("inferenceTypesSupported");
    ways.forEach(supported::add);
    answer(exchange, 200, answer);
  }

  private void tagsOf(HttpExchange exchange, String arn) throws IOException {
    Map<String, String> found = tags.get(arn);
    if (found == null) {
      refuse(exchange, new Failure(404, "ResourceNotFoundException", "no such resource"));
      return;
    }
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode list = answer.putArray("tags");
    found.forEach((key, value) -> list.addObject().put("key", key).put("value", value));
    answer(exchange, 200, answer);
  }

  private void create(HttpExchange exchange, JsonNode body) throws IOException {
    created.add(body);
    String token = body.get("clientRequestToken").asText();
    String arn = arnsByToken.get(token);
    if (arn == null) {
      String id = "made%08d".formatted(arnsByToken.size() + 1);
      arn = arn(id);
      arnsByToken.put(token, arn);
      String source = body.get("modelSource").get("copyFrom").asText();
      List<String> copied = new ArrayList<>();
      for (ObjectNode profile : profiles) {
        if (profile.get("inferenceProfileArn").asText().equals(source)) {
          profile.get("models").forEach(model -> copied.add(model.get("modelArn").asText()));
        }
      }
      List<String> all = copied.isEmpty() ? List.of(source) : copied;
      profiles.add(profile(id, arn, body.get("inferenceProfileName").asText(), "APPLICATION", all));
      Map<String, String> pairs = new TreeMap<>();
      body.get("tags")
          .forEach(tag -> pairs.put(tag.get("key").asText(), tag.get("value").asText()));
      tags.put(arn, pairs);
    }
    answer(
        exchange,
        201,
        JSON.createObjectNode().put("inferenceProfileArn", arn).put("status", "ACTIVE"));
  }

  private void refuse(HttpExchange exchange, Failure failure) throws IOException {
    exchange.getResponseHeaders().add("x-amzn-ErrorType", failure.type());
    answer(exchange, failure.status(), JSON.createObjectNode().put("message", failure.message()));
  }

  private static void answer(HttpExchange exchange, int status, JsonNode json) throws IOException {
    byte[] body = JSON.writeValueAsBytes(json);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new TreeMap<>();
    if (raw != null) {
      for (String pair : raw.split("&", -1)) {
        int equals = pair.indexOf('=');
        query.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
      }
    }
    return query;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
