// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.frameworks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.bedrockmeter.testkit.ReceivedRequest;
import io.github.bedrockmeter.testkit.Reply;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import software.amazon.eventstream.HeaderValue;
import software.amazon.eventstream.Message;

/** A model that asks for the tool {@code clock} a number of times before it answers. */
final class ToolRounds {
  private static final String USAGE =
      "\"usage\":{\"inputTokens\":11,\"outputTokens\":5,\"totalTokens\":16},"
          + "\"metrics\":{\"latencyMs\":1}";

  private ToolRounds() {}

  /** The answer to a request, by how many results of tools it has already. */
  static Reply answer(ReceivedRequest request, int rounds) {
    int results = request.bodyText().split("\"toolResult\"", -1).length - 1;
    if (results >= rounds) {
      return Reply.text("one two three").chunks(3).inputTokens(11).outputTokens(23);
    }
    return request.operation().equals("ConverseStream") ? streamed(results) : whole(results);
  }

  private static Reply whole(int round) {
    String body =
        "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"toolUse\":{\"toolUseId\":\"t"
            + round
            + "\",\"name\":\"clock\",\"input\":{}}}]}},\"stopReason\":\"tool_use\","
            + USAGE
            + "}";
    return Reply.recorded(200, Map.of("Content-Type", "application/json"), body.getBytes(UTF_8));
  }

  private static Reply streamed(int round) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    event(out, "messageStart", "{\"role\":\"assistant\"}");
    String block = "{\"contentBlockIndex\":0";
    event(
        out,
        "contentBlockStart",
        block + ",\"start\":{\"toolUse\":{\"toolUseId\":\"t" + round + "\",\"name\":\"clock\"}}}");
    event(out, "contentBlockDelta", block + ",\"delta\":{\"toolUse\":{\"input\":\"{}\"}}}");
    event(out, "contentBlockStop", block + "}");
    event(out, "messageStop", "{\"stopReason\":\"tool_use\"}");
    event(out, "metadata", "{" + USAGE + "}");
    return Reply.recorded(
        200, Map.of("Content-Type", "application/vnd.amazon.eventstream"), out.toByteArray());
  }

  private static void event(ByteArrayOutputStream out, String type, String json) {
    Map<String, HeaderValue> headers = new LinkedHashMap<>();
    headers.put(":event-type", HeaderValue.fromString(type));
    headers.put(":content-type", HeaderValue.fromString("application/json"));
    headers.put(":message-type", HeaderValue.fromString("event"));
    new Message(headers, json.getBytes(UTF_8)).encode(out);
  }
}
