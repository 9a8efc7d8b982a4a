// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;

/** A text of another character set as bytes of UTF-8. Confined to one thread. */
final class Utf8Stream extends InputStream {
  private static final int BLOCK = 1 << 13;

  private final Reader text;
  private final char[] letters = new char[BLOCK];
  private int kept;
  private byte[] bytes = {};
  private int at;

  Utf8Stream(Reader text) {
    this.text = text;
  }

  @Override
  public int read() throws IOException {
    return isAtEnd() ? -1 : bytes[at++] & 0xFF;
  }

  @Override
  public int read(byte[] into, int from, int most) throws IOException {
    if (most == 0) {
      return 0;
    }
    if (isAtEnd()) {
      return -1;
    }
    int count = Math.min(most, bytes.length - at);
    System.arraycopy(bytes, at, into, from, count);
    at += count;
    return count;
  }

  private boolean isAtEnd() throws IOException {
    while (at == bytes.length) {
      int read = text.read(letters, kept, letters.length - kept);
      if (read < 0 && kept == 0) {
        return true;
      }
      int count = kept + Math.max(0, read);
      // A letter of two parts stays together.
      kept = read > 0 && Character.isHighSurrogate(letters[count - 1]) ? 1 : 0;
      bytes = new String(letters, 0, count - kept).getBytes(StandardCharsets.UTF_8);
      at = 0;
      letters[0] = letters[count - 1];
    }
    return false;
  }
}
