// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Counts the pages of a PDF whose bytes pass by once: page objects, or the page count that the file
 * itself states, whichever is more. What is compressed is looked into where objects are kept there,
 * up to a limit. Confined to one thread; must be closed.
 */
final class PdfPages implements AutoCloseable {
  /** The pages cannot be counted. */
  static final long UNKNOWN = -1;

  private static final long MOST_INFLATED = 16 << 20;
  private static final int MOST_PAGES = 10_000_000;
  private static final byte[] STREAM = {'s', 't', 'r', 'e', 'a', 'm'};

  private final PdfNames names = new PdfNames();
  private int matched;
  private boolean begins;
  private final Inflater inflater = new Inflater();
  private boolean inflates;
  private long inflated;
  private boolean unknown;
  private byte[] out = {};

  /** Takes in the next bytes of the file. */
  void accept(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      at = inflates ? inflate(bytes, at, to) : scan(bytes, at, to);
    }
  }

  private int scan(byte[] bytes, int from, int to) {
    for (int at = from; at < to; at++) {
      byte b = bytes[at];
      if (begins) {
        if (b == '\r') {
          continue; // the data never begins with it
        }
        begins = false;
        inflates = true;
        return b == '\n' ? at + 1 : at;
      }
      names.accept(b);
      matched = b == STREAM[matched] ? matched + 1 : b == STREAM[0] ? 1 : 0;
      if (matched == STREAM.length) {
        matched = 0;
        begins = names.takeObjectStream();
        unknown |= begins && names.hidesObjects();
      }
    }
    return to;
  }

  private int inflate(byte[] bytes, int from, int to) {
    if (out.length == 0) {
      out = new byte[8_192];
    }
    inflater.setInput(bytes, from, to - from);
    try {
      while (!inflater.finished() && !inflater.needsInput()) {
        int length = inflater.inflate(out);
        inflated += length;
        for (int i = 0; i < length; i++) {
          names.accept(out[i]);
        }
        if (inflated > MOST_INFLATED || (length == 0 && inflater.needsDictionary())) {
          throw new DataFormatException();
        }
      }
    } catch (DataFormatException notReadable) {
      unknown = true;
      end();
      return from;
    }
    int left = inflater.getRemaining();
    if (inflater.finished()) {
      end();
    }
    return to - left;
  }

  private void end() {
    inflates = false;
    inflater.reset();
    names.endObject();
  }

  /** The pages so far, at most so many; {@link #UNKNOWN} where they cannot be counted. */
  long pages() {
    long pages = Math.max(names.pages(), names.stated());
    return unknown || inflates || names.isEncrypted() || pages == 0 || pages > MOST_PAGES
        ? UNKNOWN
        : pages;
  }

  @Override
  public void close() {
    inflater.end();
  }

  /** The pages of a whole file. */
  static long of(byte[] file) {
    try (PdfPages pages = new PdfPages()) {
      pages.accept(file, 0, file.length);
      return pages.pages();
    }
  }
}
