// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

/**
 * The names in a PDF that say what its objects are, and the page counts that it states. Takes one
 * byte after another. Confined to one thread.
 */
final class PdfNames {
  private static final int LONGEST_NAME = 24;
  private static final long LARGEST_COUNT = 1_000_000_000;

  private final char[] name = new char[LONGEST_NAME];
  private int length = -1;
  private boolean afterType;
  private boolean afterCount;
  private long count = -1;
  private long pages;
  private long stated;
  private boolean objectStream;
  private boolean deflated;
  private boolean otherFilter;
  private boolean encrypted;

  void accept(byte b) {
    if (length >= 0) {
      if (isRegular(b)) {
        if (length < LONGEST_NAME) {
          name[length] = (char) (b & 0xFF);
        }
        length++;
        return;
      }
      endName();
    }
    if (b == '/') {
      endCount();
      length = 0;
    } else if (afterCount && b >= '0' && b <= '9') {
      count = Math.min(LARGEST_COUNT, Math.max(0, count) * 10 + (b - '0'));
    } else if (!isBlank(b)) {
      endCount();
      afterType = false;
    } else if (count >= 0) {
      endCount();
    }
  }

  private void endCount() {
    if (afterCount) {
      stated = Math.max(stated, count);
      afterCount = false;
      count = -1;
    }
  }

  private void endName() {
    String text = length > LONGEST_NAME ? "" : unescaped();
    length = -1;
    boolean isType = afterType;
    afterType = text.equals("Type");
    switch (text) {
      case "Page" -> pages += isType ? 1 : 0;
      case "ObjStm" -> objectStream |= isType;
      case "Count" -> afterCount = true;
      case "Encrypt" -> encrypted = true;
      case "FlateDecode", "Fl" -> deflated = true;
      case "LZWDecode",
          "ASCII85Decode",
          "ASCIIHexDecode",
          "RunLengthDecode",
          "Crypt",
          "Predictor" ->
          otherFilter = true;
      default -> {} // says nothing about pages
    }
  }

  /** A name may be written with {@code #} and two hexadecimal digits for a character. */
  private String unescaped() {
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      int high = i + 2 < length && name[i] == '#' ? Character.digit(name[i + 1], 16) : -1;
      int low = high >= 0 ? Character.digit(name[i + 2], 16) : -1;
      if (low >= 0) {
        text.append((char) (high * 16 + low));
        i += 2;
      } else {
        text.append(name[i]);
      }
    }
    return text.toString();
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t' || b == '\f' || b == 0;
  }

  private static boolean isRegular(byte b) {
    return !isBlank(b) && "()<>[]{}/%".indexOf(b & 0xFF) < 0;
  }

  /** Whether the data that begins holds objects; forgets what the dictionary before it said. */
  boolean takeObjectStream() {
    boolean holdsObjects = objectStream;
    objectStream = false;
    if (!holdsObjects) {
      endObject();
    }
    return holdsObjects;
  }

  /** Whether such data cannot be looked into. */
  boolean hidesObjects() {
    return !deflated || otherFilter || encrypted;
  }

  void endObject() {
    deflated = false;
    otherFilter = false;
    afterType = false;
  }

  boolean isEncrypted() {
    return encrypted && pages == 0 && stated == 0;
  }

  long pages() {
    return pages;
  }

  long stated() {
    return stated;
  }
}
