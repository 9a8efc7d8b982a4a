// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * JSON with a signature: HMAC-SHA256 of the timestamp, a dot and the body, under a key that both
 * sides know. Thread-safe.
 */
final class SignedForm implements Form {
  private static final int SHORTEST_KEY = 16;

  private final SecretKeySpec key;
  private final InstantSource clock;

  SignedForm(String signingKey) {
    this(signingKey, InstantSource.system());
  }

  SignedForm(String signingKey, InstantSource clock) {
    WebhookUrl.given("signingKey", signingKey);
    if (signingKey.length() < SHORTEST_KEY) {
      throw new IllegalArgumentException(
          "signingKey must have at least "
              + SHORTEST_KEY
              + " characters, better 32 random ones; it has "
              + signingKey.length());
    }
    this.key = new SecretKeySpec(signingKey.getBytes(UTF_8), "HmacSHA256");
    this.clock = clock;
  }

  @Override
  public byte[] body(AlertMessage message) {
    return MessageJson.of(message);
  }

  @Override
  public Map<String, String> headers(AlertMessage message, byte[] body) {
    String timestamp = Long.toString(clock.instant().getEpochSecond());
    return Map.of(
        "X-Bedrock-Meter-Id",
        message.id(),
        "X-Bedrock-Meter-Timestamp",
        timestamp,
        "X-Bedrock-Meter-Signature",
        "sha256=" + signature(timestamp, body));
  }

  private String signature(String timestamp, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update((timestamp + ".").getBytes(UTF_8));
      return HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException impossible) { // every JDK has HmacSHA256
      throw new IllegalStateException("HmacSHA256 is not available", impossible);
    }
  }

  @Override
  public String toString() {
    return "signed JSON";
  }
}
