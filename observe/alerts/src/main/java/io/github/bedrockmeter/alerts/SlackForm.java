// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.bedrockmeter.alerts.Alert.Command;
import java.io.IOException;

/**
 * A message for a Slack incoming webhook. Stateless.
 *
 * <p>What is shown is in a {@code rich_text} block, whose texts Slack shows as they are: nothing in
 * them is markup, a link or a mention. The {@code text} beside it, for notifications, is read by
 * other rules: there three signs are escaped, markup is switched off, and an {@code @} is kept from
 * being a mention.
 */
final class SlackForm implements Form {
  /** Slack refuses texts of more than 3,000 characters in a block. */
  private static final int LONGEST = 2_900;

  private static final String TOO_LONG = "is too long for Slack; docs/operations.md has its form.";

  @Override
  public byte[] body(AlertMessage message) {
    return Json.bytes(json -> write(message, json));
  }

  private static void write(AlertMessage message, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("text", escaped(PlainText.headline(message)));
    json.writeBooleanField("mrkdwn", false);
    json.writeStringField("parse", "none");
    json.writeBooleanField("link_names", false);
    json.writeBooleanField("unfurl_links", false);
    json.writeBooleanField("unfurl_media", false);
    json.writeArrayFieldStart("blocks");
    json.writeStartObject();
    json.writeStringField("type", "rich_text");
    json.writeArrayFieldStart("elements");
    begin("rich_text_section", json);
    text(PlainText.headline(message), true, json);
    String details = String.join("\n", message.details());
    if (!details.isEmpty()) {
      text("\n" + details, false, json);
    }
    if (message.source() != null) {
      text("\nFrom " + message.source(), false, json);
    }
    end(json);
    for (Command command : message.commands()) {
      boolean isWhole = command.line().length() <= LONGEST;
      begin("rich_text_section", json);
      text("To " + command.purpose() + (isWhole ? ":" : ": the command " + TOO_LONG), false, json);
      end(json);
      if (!isWhole) {
        continue; // cut, it would do something else
      }
      begin("rich_text_preformatted", json);
      text(command.line(), false, json);
      end(json);
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void begin(String type, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", type);
    json.writeArrayFieldStart("elements");
  }

  private static void end(JsonGenerator json) throws IOException {
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void text(String text, boolean bold, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "text");
    json.writeStringField("text", cut(text));
    if (bold) {
      json.writeObjectFieldStart("style");
      json.writeBooleanField("bold", true);
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static String cut(String text) {
    if (text.length() <= LONGEST) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(LONGEST - 4)) ? LONGEST - 4 : LONGEST - 3;
    return text.substring(0, end) + "...";
  }

  /** Slack's three signs; a zero-width blank after an @ keeps it from being a mention. */
  private static String escaped(String text) {
    return cut(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("@", "@\u200b");
  }
}
