// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One HTTP request as it reached {@link FakeBedrock}, each attempt of a retried call by itself.
 * Immutable.
 */
public final class ReceivedRequest {

  /** The {@link #operation} of a request whose method or path the server does not know. */
  static final String UNKNOWN_OPERATION = "UnknownOperation";

  private static final Pattern MODEL_PATH = Pattern.compile("/model/(.+)/([a-z-]+)");
  private static final Pattern GUARDRAIL_PATH =
      Pattern.compile("/guardrail/(.+)/version/[^/]+/apply");
  private static final Map<String, String> OPERATIONS =
      Map.of(
          "converse", "Converse",
          "converse-stream", "ConverseStream",
          "invoke", "InvokeModel",
          "invoke-with-response-stream", "InvokeModelWithResponseStream",
          "count-tokens", "CountTokens");

  private final String operation;
  private final String modelId;
  private final String path;
  private final Map<String, List<String>> headers;
  private final byte[] body;
  private final Instant receivedAt;

  private ReceivedRequest(
      String operation,
      String modelId,
      String path,
      Map<String, List<String>> headers,
      byte[] body,
      Instant receivedAt) {
    this.operation = operation;
    this.modelId = modelId;
    this.path = path;
    this.headers = headers;
    this.body = body;
    this.receivedAt = receivedAt;
  }

  /** Reads operation and model from the path; takes ownership of {@code body}. */
  static ReceivedRequest of(
      String method,
      String path,
      Iterable<Map.Entry<String, String>> headers,
      byte[] body,
      Instant receivedAt) {
    String operation = UNKNOWN_OPERATION;
    String modelId = "";
    Matcher model = MODEL_PATH.matcher(path);
    Matcher guardrail = GUARDRAIL_PATH.matcher(path);
    if (method.equals("POST") && model.matches() && OPERATIONS.containsKey(model.group(2))) {
      operation = OPERATIONS.getOrDefault(model.group(2), UNKNOWN_OPERATION);
      modelId = decode(model.group(1));
    } else if (method.equals("POST") && guardrail.matches()) {
      operation = "ApplyGuardrail";
      modelId = decode(guardrail.group(1));
    }

    Map<String, List<String>> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach(
        h -> byName.computeIfAbsent(h.getKey(), name -> new ArrayList<>()).add(h.getValue()));
    byName.replaceAll((name, values) -> List.copyOf(values));
    return new ReceivedRequest(
        operation, modelId, path, Collections.unmodifiableMap(byName), body, receivedAt);
  }

  private static String decode(String segment) {
    try {
      // In a path, unlike in a form, a plus sign is a plus sign.
      return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformedEscape) {
      return segment;
    }
  }

  /** Name of the operation as AWS writes it, for instance {@code ConverseStream}. */
  public String operation() {
    return operation;
  }

  /**
   * Model the request names, URL-decoded: an id or an ARN. For {@code ApplyGuardrail}, which names
   * no model, the guardrail's identifier; empty when the path is unknown.
   */
  public String modelId() {
    return modelId;
  }

  /** Path as sent, still URL-encoded. */
  public String path() {
    return path;
  }

  /** All headers; looking up a name ignores its case. */
  public Map<String, List<String>> headers() {
    return headers;
  }

  /** First value of a header, whatever the case of its name. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name)).map(values -> values.get(0));
  }

  /** A copy of the body's bytes. */
  public byte[] body() {
    return body.clone();
  }

  /** The body as UTF-8. */
  public String bodyText() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** When the last byte of the request had arrived, by the system clock. */
  public Instant receivedAt() {
    return receivedAt;
  }

  @Override
  public String toString() {
    return operation + " " + path + " (" + body.length + " bytes)";
  }
}
