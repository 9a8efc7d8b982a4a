// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.bedrockmeter.internal.text.Escaped;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sns.model.PublishRequest;

/**
 * Sends alerts to a topic of Amazon SNS: readable text to its e-mail addresses, JSON to its queues,
 * functions and URLs, the headline to telephones. Needs {@code software.amazon.awssdk:sns}, which
 * this library does not bring.
 *
 * <p>The client stays the caller's. Messages have the attributes {@code kind}, {@code severity} and
 * {@code budget}, for filter policies of subscriptions. The topic's ARN, which names the account,
 * is printed nowhere.
 */
public final class SnsAlerts implements AlertChannel {
  private static final Pattern ARN =
      Pattern.compile("arn:aws[a-z-]*:sns:[a-z0-9-]+:\\d{12}:[A-Za-z0-9_-]{1,256}(\\.fifo)?");
  private static final Pattern CODE = Pattern.compile("[A-Za-z0-9.]{1,100}");

  /** What a try may take, the client's own retries included. */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** SNS refuses 256 KiB and more, of which attributes and the subject are a part. */
  private static final int LARGEST = 250_000;

  /** Who gets JSON: programs. */
  private static final List<String> PROGRAMS =
      List.of("sqs", "lambda", "http", "https", "email-json", "firehose");

  private final SnsClient client;
  private final String topicArn;

  private SnsAlerts(SnsClient client, String topicArn) {
    this.client = client;
    this.topicArn = topicArn;
  }

  /**
   * A topic.
   *
   * @param client asks with its own credentials, which need {@code sns:Publish} on the topic
   * @param topicArn as {@code arn:aws:sns:eu-central-1:123456789012:alerts}; a FIFO topic works too
   * @throws IllegalArgumentException if it is no topic's ARN
   */
  public static AlertChannel topic(SnsClient client, String topicArn) {
    WebhookUrl.given("topicArn", topicArn);
    if (!ARN.matcher(topicArn).matches()) {
      throw new IllegalArgumentException(
          "topicArn must be the ARN of a topic, such as"
              + " arn:aws:sns:eu-central-1:123456789012:alerts (what was given is not printed)");
    }
    return new SnsAlerts(Objects.requireNonNull(client, "client"), topicArn);
  }

  @Override
  public String name() {
    return "SNS topic";
  }

  @Override
  public void send(AlertMessage message) throws AlertNotSentException, InterruptedException {
    PublishRequest.Builder request =
        PublishRequest.builder()
            .topicArn(topicArn)
            .subject(PlainText.subject(message))
            .messageStructure("json")
            .message(forEach(message))
            .messageAttributes(attributes(message))
            .overrideConfiguration(c -> c.apiCallTimeout(TIMEOUT));
    if (topicArn.endsWith(".fifo")) {
      request.messageGroupId("bedrock-meter").messageDeduplicationId(message.id());
    }
    try {
      client.publish(request.build());
    } catch (AbortedException interrupted) {
      Thread
          .interrupted(); // the exception says so from here on, and a flag would stop the next try
      throw new InterruptedException();
    } catch (AwsServiceException refused) {
      throw new AlertNotSentException(
          "SNS answered " + refused.statusCode() + code(refused),
          refused.statusCode() >= 500 || refused.isThrottlingException(),
          null);
    } catch (SdkException unanswered) { // whose message may name the endpoint
      throw new AlertNotSentException(
          "no answer from SNS: " + unanswered.getClass().getSimpleName(), true, null);
    }
  }

  private static String code(AwsServiceException refused) {
    String code = refused.awsErrorDetails() == null ? null : refused.awsErrorDetails().errorCode();
    return code != null && CODE.matcher(code).matches() ? " " + code : "";
  }

  /** What each kind of subscriber gets. */
  private static String forEach(AlertMessage message) {
    String text = PlainText.of(message);
    String json = new String(MessageJson.of(message), UTF_8);
    byte[] whole = forEach(message, text, text, PROGRAMS, json);
    if (whole.length > LARGEST) {
      String shorter = new String(MessageJson.withoutAlerts(message), UTF_8);
      whole = forEach(message, shorter, text, List.of(), shorter);
    }
    return new String(whole, UTF_8);
  }

  private static byte[] forEach(
      AlertMessage message, String others, String text, List<String> programs, String json) {
    return Json.bytes(
        all -> {
          all.writeStartObject();
          all.writeStringField("default", others);
          all.writeStringField("email", text);
          all.writeStringField("sms", PlainText.subject(message));
          for (String program : programs) {
            all.writeStringField(program, json);
          }
          all.writeEndObject();
        });
  }

  private static Map<String, MessageAttributeValue> attributes(AlertMessage message) {
    Map<String, MessageAttributeValue> attributes = new HashMap<>();
    attributes.put("severity", text(message.severity().name().toLowerCase(Locale.ROOT)));
    attributes.put(
        "kind",
        text(
            message.isDigest()
                ? "digest"
                : message.alerts().get(0).kind().name().toLowerCase(Locale.ROOT)));
    String budget = message.isDigest() ? null : message.alerts().get(0).budget();
    if (budget != null && !budget.isBlank()) {
      attributes.put("budget", text(Escaped.text(budget)));
    }
    return attributes;
  }

  private static MessageAttributeValue text(String value) {
    return MessageAttributeValue.builder().dataType("String").stringValue(value).build();
  }

  @Override
  public String toString() {
    return name();
  }
}
