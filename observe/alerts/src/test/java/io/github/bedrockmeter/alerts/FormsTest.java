// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.alerts.Receiver.Posted;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.event.MeterListener.ThresholdEvent;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.testkit.FakeTime;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What arrives at Slack, Teams and a webhook, of names that try to be more than names. */
class FormsTest {
  static final List<String> HOSTILE =
      List.of(
          "<!channel> <!here|x> <@U123> <https://evil.example|click>",
          "@here @channel @everyone",
          "*bold* _it_ ~no~ `code` ```block``` [t](https://evil.example) **b**",
          "a\nb\r\nc\td\u0000e\u001b[31mred\u202eabc\u2066x",
          "\"},{\"type\":\"evil\"}",
          "<at>everyone</at> {{DATE(2017-02-14T06:08:39Z,SHORT)}} <b>x</b>",
          "& &amp; &lt;!channel&gt;",
          "\ud83d\ude00\ud800x".repeat(100));

  private final FakeTime time = FakeTime.at("2026-11-30T10:00:00Z");

  private Posted sent(Function<String, AlertChannel> channel, String scope) {
    try (Receiver receiver = new Receiver()) {
      Alerts alerts =
          Alerts.builder()
              .channel(channel.apply(receiver.url()))
              .source("checkout @here")
              .clock(time)
              .nanoClock(time)
              .withoutThread()
              .build();
      Account account =
          new Account(
              "tenant-daily",
              Unit.NANO_USD,
              scope,
              Instant.parse("2026-11-30T00:00:00Z"),
              Instant.parse("2026-12-01T00:00:00Z"));
      alerts.onThreshold(
          new ThresholdEvent(
              account, new BigDecimal("0.8"), Amount.usd("20.50"), Amount.usd("25")));
      alerts.close();
      assertThat(receiver.posted()).hasSize(1);
      return receiver.posted().get(0);
    }
  }

  /** All texts that are shown. */
  private static List<String> texts(JsonNode node) {
    List<String> texts = new ArrayList<>();
    for (JsonNode text : node.findValues("text")) {
      if (text.isTextual()) {
        texts.add(text.textValue());
      }
    }
    return texts;
  }

  private static void checkPlain(String text) {
    assertThat(text.codePoints())
        .as(text)
        .allMatch(
            c ->
                c == '\n'
                    || c == 0x200b
                    || (Character.getType(c) != Character.CONTROL
                        && Character.getType(c) != Character.FORMAT
                        && Character.getType(c) != Character.SURROGATE));
  }

  @Test
  void slackShowsNamesAsTheyAreAndMentionsNoOne() {
    for (String hostile : HOSTILE) {
      JsonNode json = sent(AlertChannel::slack, "tenant=" + hostile).json();

      String notification = json.get("text").textValue();
      assertThat(notification).doesNotContain("<", ">", "@here", "@channel", "@everyone");
      assertThat(json.get("mrkdwn").booleanValue()).isFalse();
      assertThat(json.get("parse").textValue()).isEqualTo("none");
      assertThat(json.get("link_names").booleanValue()).isFalse();
      assertThat(json.get("blocks")).hasSize(1);
      assertThat(json.get("blocks").get(0).get("type").textValue()).isEqualTo("rich_text");
      for (JsonNode section : json.get("blocks").get(0).get("elements")) {
        assertThat(section.get("type").textValue())
            .isIn("rich_text_section", "rich_text_preformatted");
        for (JsonNode element : section.get("elements")) {
          assertThat(element.get("type").textValue()).as("shown as it is").isEqualTo("text");
          assertThat(element.get("text").textValue()).hasSizeBetween(1, 3_000);
        }
      }
      texts(json).forEach(FormsTest::checkPlain);
    }
  }

  @Test
  void teamsShowsNamesAsTheyAre() {
    for (String hostile : HOSTILE) {
      Posted posted = sent(AlertChannel::teams, "tenant=" + hostile);

      assertThat(posted.body().getBytes(UTF_8)).hasSizeLessThan(28_000);
      assertThat(posted.json().get("type").textValue()).isEqualTo("message");
      JsonNode attachment = posted.json().get("attachments").get(0);
      assertThat(attachment.get("contentType").textValue())
          .isEqualTo("application/vnd.microsoft.card.adaptive");
      JsonNode card = attachment.get("content");
      assertThat(card.get("type").textValue()).isEqualTo("AdaptiveCard");
      assertThat(card.at("/msteams/entities").isMissingNode()).as("no mentions").isTrue();
      for (JsonNode block : card.get("body")) {
        assertThat(block.get("type").textValue()).as("without Markdown").isEqualTo("RichTextBlock");
        assertThat(block.get("inlines").get(0).get("type").textValue()).isEqualTo("TextRun");
      }
      texts(card).forEach(FormsTest::checkPlain);
    }
  }

  @Test
  void slackGetsACommandWholeOrNotAtAll() {
    List<String> slack = texts(sent(AlertChannel::slack, "t=" + "\u200b".repeat(250)).json());

    assertThat(slack)
        .as("what is cut would do something else")
        .noneMatch(text -> text.startsWith("bedrock-meter "))
        .contains("To look: the command is too long for Slack; docs/operations.md has its form.");
  }

  @Test
  void anOrdinaryMessageIsReadable() {
    List<String> slack = texts(sent(AlertChannel::slack, "tenant=acme").json());
    List<String> teams = texts(sent(AlertChannel::teams, "tenant=acme").json());

    String headline = "Warning: budget 'tenant-daily' (tenant=acme) has reached 80 % of its limit";
    assertThat(slack)
        .containsExactly(
            headline,
            headline,
            "\n$20.50 of $25.00 are settled.\n$4.50 are left.\nThe window ends Tuesday 2026-12-01"
                + " 00:00 UTC, in 14h 0m.",
            "\nFrom checkout @here",
            "To look:",
            "bedrock-meter show --window 2026-11-30T00:00:00Z tenant-daily tenant=acme",
            "To grant $2.50 more in this window (add --yes to do it):",
            "bedrock-meter adjust --reason 'granted after an alert' tenant-daily tenant=acme"
                + " -2.5usd");
    assertThat(teams)
        .startsWith(headline, "$20.50 of $25.00 are settled.", "$4.50 are left.")
        .endsWith("From checkout @here");
  }

  @Test
  void aWebhooksSignatureIsOfTimestampAndBody() throws Exception {
    Posted posted = sent(url -> AlertChannel.webhook(url, Scene.KEY), "tenant=acme");

    String timestamp = posted.header("X-bedrock-meter-timestamp");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(Scene.KEY.getBytes(UTF_8), "HmacSHA256"));
    byte[] expected = mac.doFinal((timestamp + "." + posted.body()).getBytes(UTF_8));
    assertThat(posted.header("X-bedrock-meter-signature"))
        .isEqualTo("sha256=" + HexFormat.of().formatHex(expected));
    assertThat(Long.parseLong(timestamp))
        .as("the real time, so that a receiver can refuse old ones")
        .isCloseTo(Instant.now().getEpochSecond(), within(600L));
    assertThat(posted.header("Content-type")).startsWith("application/json");
    assertThat(posted.json().get("version").intValue()).isEqualTo(1);
    assertThat(posted.json().get("source").textValue()).isEqualTo("checkout @here");
    assertThat(posted.json().at("/alerts/0/scope").textValue()).isEqualTo("tenant=acme");
  }

  /** The receiver's code in docs/alerts.md, run by the Python of this machine. */
  @Test
  void theReceiversCodeInThePageVerifies(@TempDir Path folder) throws Exception {
    Matcher code =
        Pattern.compile("```python\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("../../docs/alerts.md")));
    assertThat(code.find()).as("Python in docs/alerts.md").isTrue();
    Posted posted = sent(url -> AlertChannel.webhook(url, Scene.KEY), "tenant=\u00e4cme");
    Files.writeString(folder.resolve("body"), posted.body());
    String timestamp = posted.header("X-bedrock-meter-timestamp");
    String signature = posted.header("X-bedrock-meter-signature");
    String call = "print(verified('%s', '%s', '%s', open('body', 'rb').read() + b'%s', %s))\n";
    Path program =
        Files.writeString(
            folder.resolve("verify.py"),
            code.group(1)
                + call.formatted(Scene.KEY, timestamp, signature, "", timestamp)
                + call.formatted(Scene.KEY, timestamp, signature, "x", timestamp)
                + call.formatted(Scene.KEY + "x", timestamp, signature, "", timestamp)
                + call.formatted(Scene.KEY, timestamp, signature, "", timestamp + " + 301"));

    Process python;
    try {
      python =
          new ProcessBuilder("python3", program.toString())
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .start();
    } catch (IOException none) {
      System.out.println("NOT RUN: theReceiversCodeInThePageVerifies, since there is no python3");
      Assumptions.abort("no python3");
      return;
    }
    String printed = new String(python.getInputStream().readAllBytes(), UTF_8);
    assertThat(python.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(printed.lines()).containsExactly("True", "False", "False", "False");
  }
}
