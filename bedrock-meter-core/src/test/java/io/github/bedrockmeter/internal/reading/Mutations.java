// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Damages JSON in the ways a network, a proxy or an attacker would. Reproducible by its seed. */
final class Mutations {
  private static final String[] ODD_VALUES = {
    "-1",
    "-9223372036854775808",
    "9223372036854775808",
    "1e999",
    "-1e999",
    "28.5",
    "1E400",
    "NaN",
    "Infinity",
    "\"x\"",
    "\"-5\"",
    "true",
    "null",
    "[]",
    "{}",
    "[[1]]",
    "{\"a\":-1}",
    "",
    "-",
    "\"",
    "7".repeat(40),
    "7".repeat(5_000),
    "0." + "3".repeat(2_000)
  };

  private static final String[] EXTRA_MEMBERS = {
    "\"usage\":{\"input_tokens\":-5,\"output_tokens\":-5},",
    "\"usage\":{\"inputTokens\":99999999999,\"totalTokens\":-1},",
    "\"usage\":{\"prompt_tokens\":3,\"prompt_tokens_details\":{\"cached_tokens\":2000000000}},",
    "\"usage\":{\"cache_creation\":{\"ephemeral_1h_input_tokens\":2147483647,"
        + "\"ephemeral_5m_input_tokens\":2147483647}},",
    "\"usage\":[{\"input_tokens\":1}],",
    "\"results\":[{\"tokenCount\":2147483647},{\"tokenCount\":2147483647}],",
    "\"inputTextTokenCount\":-3,",
    "\"amazon-bedrock-guardrailAction\":\"INTERVENED\",",
    "\"amazon-bedrock-invocationMetrics\":{\"inputTokenCount\":-1,\"outputTokenCount\":1e18},",
    "\"amazon-bedrock-trace\":{\"guardrail\":{\"input\":{\"g\":{\"invocationMetrics\":"
        + "{\"usage\":{\"topicPolicyUnits\":-7}}}}}},",
    "\"model\":\"" + "m".repeat(3_000) + "\",",
    "\"images\":[null,1,\"a\",{}],"
  };

  private static final byte[][] BAD_UTF8 = {
    {(byte) 0xC3, 0x28}, {(byte) 0xFF}, {(byte) 0xED, (byte) 0xA0, (byte) 0x80}, {0}, {(byte) 0xF5}
  };

  private final Random random;

  Mutations(long seed) {
    random = new Random(seed);
  }

  int pick(int bound) {
    return random.nextInt(bound);
  }

  /** One damaged copy; once in a thousand it is a gigantic one. */
  byte[] mutate(byte[] json) {
    if (random.nextInt(1_000) == 0) {
      return gigantic(json);
    }
    return switch (random.nextInt(9)) {
      case 0 -> Arrays.copyOf(json, random.nextInt(json.length + 1));
      case 1 -> flip(json);
      case 2, 3 -> replaceNumber(json, ODD_VALUES[random.nextInt(ODD_VALUES.length)]);
      case 4 -> replaceNumber(json, nested(random.nextInt(5_000)));
      case 5 -> afterBrace(json, EXTRA_MEMBERS[random.nextInt(EXTRA_MEMBERS.length)]);
      case 6 -> insert(json, BAD_UTF8[random.nextInt(BAD_UTF8.length)]);
      case 7 -> cut(json);
      default -> whole(json);
    };
  }

  private byte[] whole(byte[] json) {
    return switch (random.nextInt(5)) {
      case 0 -> new byte[0];
      case 1 -> "   ".getBytes(StandardCharsets.US_ASCII);
      case 2 -> new String(json, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_16);
      case 3 -> nested(random.nextInt(5_000)).getBytes(StandardCharsets.US_ASCII);
      default -> {
        byte[] noise = new byte[random.nextInt(200)];
        random.nextBytes(noise);
        yield noise;
      }
    };
  }

  private byte[] gigantic(byte[] json) {
    String filler = "a".repeat(1 << 20);
    return switch (random.nextInt(4)) {
      case 0 -> afterBrace(json, "\"x\":\"" + filler + "\",");
      case 1 -> afterBrace(json, "\"model\":\"" + filler + "\",");
      case 2 -> afterBrace(json, "\"" + filler + "\":1,");
      default -> afterBrace(json, "\"inputTextTokenCount\":" + filler.replace('a', '7') + ",");
    };
  }

  private byte[] flip(byte[] json) {
    byte[] copy = json.clone();
    for (int i = random.nextInt(8); i >= 0 && copy.length > 0; i--) {
      copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return copy;
  }

  private byte[] cut(byte[] json) {
    int from = random.nextInt(json.length + 1);
    int to = Math.min(json.length, from + random.nextInt(64));
    return splice(json, from, to, new byte[0]);
  }

  private byte[] insert(byte[] json, byte[] bytes) {
    int at = random.nextInt(json.length + 1);
    return splice(json, at, at, bytes);
  }

  /** Replaces a number that follows a colon, where there is one. */
  private byte[] replaceNumber(byte[] json, String value) {
    int start = random.nextInt(json.length + 1);
    for (int i = 0; i < json.length - 1; i++) {
      int at = (start + i) % (json.length - 1);
      if (json[at] == ':' && Character.isDigit(json[at + 1])) {
        int end = at + 1;
        while (end < json.length && Character.isDigit(json[end])) {
          end++;
        }
        return splice(json, at + 1, end, value.getBytes(StandardCharsets.UTF_8));
      }
    }
    return insert(json, value.getBytes(StandardCharsets.UTF_8));
  }

  private byte[] afterBrace(byte[] json, String text) {
    int start = random.nextInt(4) == 0 ? random.nextInt(json.length + 1) : 0;
    for (int at = start; at < json.length; at++) {
      if (json[at] == '{') {
        return splice(json, at + 1, at + 1, text.getBytes(StandardCharsets.UTF_8));
      }
    }
    return json;
  }

  private static String nested(int depth) {
    return "[".repeat(depth) + "{\"a\":".repeat(depth % 7);
  }

  private static byte[] splice(byte[] json, int from, int to, byte[] middle) {
    byte[] result = new byte[from + middle.length + json.length - to];
    System.arraycopy(json, 0, result, 0, from);
    System.arraycopy(middle, 0, result, from, middle.length);
    System.arraycopy(json, to, result, from + middle.length, json.length - to);
    return result;
  }
}
