// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks URLs of webhooks, and quotes nothing of them, since whoever has one can post. Stateless.
 */
final class WebhookUrl {
  private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

  private WebhookUrl() {}

  /**
   * The URL, if a message can be posted to it over TLS, or on this machine.
   *
   * @param what as {@code a Slack webhook}, the beginning of messages
   * @throws IllegalArgumentException if not
   * @throws NullPointerException if there is none
   */
  static URI checked(String what, String url) {
    given("the URL of " + what, url);
    URI target;
    try {
      target = new URI(url.strip());
    } catch (URISyntaxException unreadable) {
      // Its message quotes the URL.
      throw refused(what, "has a character that no URL has, at position " + unreadable.getIndex());
    }
    String scheme = target.getScheme();
    String host = target.getHost();
    if (scheme == null || host == null) {
      throw refused(what, scheme == null ? "does not begin with https://" : "has no host");
    }
    boolean isTls = scheme.equalsIgnoreCase("https");
    boolean isHere = scheme.equalsIgnoreCase("http") && THIS_MACHINE.contains(host);
    if (!isTls && !isHere) {
      throw refused(
          what,
          scheme.equalsIgnoreCase("http")
              ? "is http://, which anyone on the way can read; only this machine may use it"
              : "does not begin with https://");
    }
    if (target.getUserInfo() != null) {
      throw refused(what, "has a user name or password, which is not sent");
    }
    if (target.getFragment() != null) {
      throw refused(what, "has a '#', so that a part of it would not be sent");
    }
    return target;
  }

  /** Checks that a setting is there, which is often read from the environment. */
  static void given(String setting, @Nullable String value) {
    Objects.requireNonNull(
        value, () -> setting + " is null: is the environment variable set that it is read from?");
  }

  /** Slack's triggers of workflows look alike and take other fields. */
  static void checkSlack(URI target) {
    String path = target.getPath() == null ? "" : target.getPath();
    boolean isSlacks = "hooks.slack.com".equalsIgnoreCase(target.getHost());
    if (isSlacks && !path.startsWith("/services/")) {
      throw refused(
          "a Slack webhook",
          "is not of an incoming webhook, whose path begins with /services/; make one under"
              + " 'Incoming Webhooks' of a Slack app");
    }
  }

  private static IllegalArgumentException refused(String what, String why) {
    return new IllegalArgumentException(
        "the URL of " + what + " " + why + "; it looks like https://host/path (not printed here)");
  }
}
