// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.bedrockmeter.alerts.Alert.Command;
import java.io.IOException;
import java.util.List;

/**
 * A message for a workflow of Teams: an adaptive card. Its texts are in {@code RichTextBlock}s, in
 * which nothing is markup; a mention would need an entity beside the card, and there is none.
 * Stateless.
 */
final class TeamsForm implements Form {
  /** Teams refuses messages of 28 KB and more. */
  private static final int LARGEST = 26_000;

  @Override
  public byte[] body(AlertMessage message) {
    byte[] whole = card(message, message.details(), message.commands());
    return whole.length <= LARGEST
        ? whole
        : card(message, List.of("The details are too long for Teams."), List.of());
  }

  private static byte[] card(AlertMessage message, List<String> details, List<Command> commands) {
    return Json.bytes(
        json -> {
          json.writeStartObject();
          json.writeStringField("type", "message");
          json.writeArrayFieldStart("attachments");
          json.writeStartObject();
          json.writeStringField("contentType", "application/vnd.microsoft.card.adaptive");
          json.writeNullField("contentUrl");
          json.writeObjectFieldStart("content");
          json.writeStringField("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
          json.writeStringField("type", "AdaptiveCard");
          json.writeStringField("version", "1.4");
          json.writeObjectFieldStart("msteams");
          json.writeStringField("width", "Full");
          json.writeEndObject();
          json.writeArrayFieldStart("body");
          text(PlainText.headline(message), "Bolder", color(message), false, json);
          for (String detail : details) {
            text(detail, "Default", "Default", false, json);
          }
          for (Command command : commands) {
            text("To " + command.purpose() + ":", "Default", "Default", false, json);
            text(command.line(), "Default", "Default", true, json);
          }
          if (message.source() != null) {
            text("From " + message.source(), "Lighter", "Default", false, json);
          }
          json.writeEndArray();
          json.writeEndObject();
          json.writeEndObject();
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static String color(AlertMessage message) {
    if (PlainText.isGood(message)) {
      return "Good";
    }
    return switch (message.severity()) {
      case INFO -> "Default";
      case WARNING -> "Warning";
      case CRITICAL -> "Attention";
    };
  }

  private static void text(
      String text, String weight, String color, boolean monospace, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "RichTextBlock");
    json.writeArrayFieldStart("inlines");
    json.writeStartObject();
    json.writeStringField("type", "TextRun");
    json.writeStringField("text", text);
    json.writeStringField("weight", weight);
    json.writeStringField("color", color);
    if (monospace) {
      json.writeStringField("fontType", "Monospace");
    }
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
  }
}
