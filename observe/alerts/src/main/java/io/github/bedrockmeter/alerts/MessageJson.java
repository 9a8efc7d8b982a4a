// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.bedrockmeter.alerts.Alert.Command;
import io.github.bedrockmeter.alerts.AlertMessage.Count;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** A message as JSON for programs; docs/alerts.md lists its fields. Stateless. */
final class MessageJson {
  private MessageJson() {}

  static byte[] of(AlertMessage message) {
    return Json.bytes(json -> write(message, message.alerts(), json));
  }

  /** With an empty list of alerts, which is most of what a digest of long names holds. */
  static byte[] withoutAlerts(AlertMessage message) {
    return Json.bytes(json -> write(message, List.of(), json));
  }

  private static void write(AlertMessage message, List<Alert> alerts, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    json.writeNumberField("version", 1);
    json.writeStringField("id", message.id());
    json.writeStringField("at", message.at().toString());
    json.writeStringField("source", message.source());
    json.writeStringField("severity", lower(message.severity()));
    texts(message.title(), message.details(), message.commands(), json);
    json.writeNumberField("count", message.count());
    json.writeArrayFieldStart("counts");
    for (Count count : message.counts()) {
      json.writeStartObject();
      json.writeStringField("kind", lower(count.kind()));
      json.writeStringField("budget", count.budget());
      json.writeNumberField("count", count.count());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("alerts");
    for (Alert alert : alerts) {
      json.writeStartObject();
      json.writeStringField("kind", lower(alert.kind()));
      json.writeStringField("severity", lower(alert.severity()));
      json.writeStringField("at", alert.at().toString());
      json.writeStringField("budget", alert.budget());
      json.writeStringField("scope", alert.scope());
      texts(alert.title(), alert.details(), alert.commands(), json);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void texts(
      String title, List<String> details, List<Command> commands, JsonGenerator json)
      throws IOException {
    json.writeStringField("title", title);
    json.writeArrayFieldStart("details");
    for (String detail : details) {
      json.writeString(detail);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("commands");
    for (Command command : commands) {
      json.writeStartObject();
      json.writeStringField("purpose", command.purpose());
      json.writeStringField("line", command.line());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
