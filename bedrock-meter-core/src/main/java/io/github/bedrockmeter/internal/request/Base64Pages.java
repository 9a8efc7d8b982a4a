// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Looks at a file that is written in base64 in a JSON string, in place. Stateless. */
final class Base64Pages {
  private static final int BUFFER = 8_192;
  private static final byte[] PDF = ascii("JVBER");
  private static final byte[] DATA = ascii("data:");
  private static final int LONGEST_PREFIX = 128;
  private static final byte[] VALUES = new byte[128];

  static {
    Arrays.fill(VALUES, (byte) -1);
    byte[] digits = ascii("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    for (int i = 0; i < digits.length; i++) {
      VALUES[digits[i]] = (byte) i;
    }
    VALUES['-'] = 62;
    VALUES['_'] = 63;
  }

  private Base64Pages() {}

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** The media type of a data URL that begins after the quote at {@code at}; null if none does. */
  static @Nullable String mediaType(byte[] body, int at) {
    int comma = comma(body, at);
    return comma < 0
        ? null
        : new String(
            body, at + 1 + DATA.length, comma - at - 1 - DATA.length, StandardCharsets.US_ASCII);
  }

  private static int comma(byte[] body, int at) {
    if (!begins(body, at + 1, DATA)) {
      return -1;
    }
    int end = Math.min(body.length, at + LONGEST_PREFIX);
    for (int i = at; i < end; i++) {
      if (body[i] == ',') {
        return i;
      }
    }
    return -1;
  }

  private static boolean begins(byte[] body, int at, byte[] with) {
    return at + with.length <= body.length
        && Arrays.equals(body, at, at + with.length, with, 0, with.length);
  }

  /** Whether a PDF begins after the quote at {@code at}. */
  static boolean isPdf(byte[] body, int at) {
    return begins(body, Math.max(at, comma(body, at)) + 1, PDF);
  }

  /** The pages of the PDF after the quote at {@code at}. */
  static long pages(byte[] body, int at) {
    byte[] buffer = new byte[BUFFER];
    int length = 0;
    int bits = 0;
    int digits = 0;
    try (PdfPages pages = new PdfPages()) {
      for (int i = Math.max(at, comma(body, at)) + 1; i < body.length && body[i] != '"'; i++) {
        byte b = body[i];
        if (b == '\\') {
          // An escaped slash is a digit; escaped ends of lines are not.
          i++;
          if (i == body.length || body[i] != '/') {
            continue;
          }
          b = '/';
        }
        int value = b < 0 ? -1 : VALUES[b];
        if (value < 0) {
          continue;
        }
        bits = bits << 6 | value;
        digits++;
        if (digits == 4) {
          buffer[length++] = (byte) (bits >> 16);
          buffer[length++] = (byte) (bits >> 8);
          buffer[length++] = (byte) bits;
          digits = 0;
          if (length > BUFFER - 3) {
            pages.accept(buffer, 0, length);
            length = 0;
          }
        }
      }
      pages.accept(buffer, 0, length);
      return pages.pages();
    }
  }
}
