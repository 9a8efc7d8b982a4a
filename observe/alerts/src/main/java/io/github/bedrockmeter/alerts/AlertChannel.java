// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import java.net.URI;

/**
 * Where alerts are sent. The factories here send with the JDK's HTTP client; {@link SnsAlerts}
 * sends through SNS.
 *
 * <p>{@link #send} is called on one thread, one message at a time, and may block for some seconds;
 * while it blocks, other channels wait. It is interrupted when the alerts are closed and their time
 * is over. {@link #name} is logged.
 */
public interface AlertChannel {

  /**
   * Sends a message.
   *
   * @throws AlertNotSentException if it was not sent, or nothing says that it was
   * @throws InterruptedException if the thread was interrupted
   */
  void send(AlertMessage message) throws AlertNotSentException, InterruptedException;

  /** A name for the log, which contains no secret. */
  default String name() {
    return getClass().getSimpleName();
  }

  /**
   * A Slack incoming webhook.
   *
   * @param url as Slack shows it: {@code https://hooks.slack.com/services/...}. Whoever has it can
   *     post, so it is printed nowhere
   * @throws IllegalArgumentException if it is no URL of an incoming webhook
   */
  static AlertChannel slack(String url) {
    URI target = WebhookUrl.checked("a Slack webhook", url);
    WebhookUrl.checkSlack(target);
    return new HttpChannel("Slack webhook", target, new SlackForm());
  }

  /**
   * A workflow of Microsoft Teams that begins with "When a Teams webhook request is received" and
   * posts the card.
   *
   * @param url as the Workflows app shows it. Whoever has it can post, so it is printed nowhere
   * @throws IllegalArgumentException if it is no such URL
   */
  static AlertChannel teams(String url) {
    URI target = WebhookUrl.checked("a Teams workflow", url);
    return new HttpChannel("Teams webhook", target, new TeamsForm());
  }

  /**
   * A server of your own: JSON, signed with HMAC-SHA256. {@code docs/alerts.md} has the form and
   * how to verify it.
   *
   * @param url {@code https://...}, or {@code http://} on this machine
   * @param signingKey what both sides know, 16 characters at least
   * @throws IllegalArgumentException if it is no such URL, or the key is too short
   */
  static AlertChannel webhook(String url, String signingKey) {
    URI target = WebhookUrl.checked("a webhook", url);
    return new HttpChannel("webhook", target, new SignedForm(signingKey));
  }
}
