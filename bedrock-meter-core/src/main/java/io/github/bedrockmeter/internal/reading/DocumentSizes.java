// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import java.util.Arrays;

/** The bytes of a request's documents, one after another. Mutable, confined to one thread. */
final class DocumentSizes {
  private long[] sizes = {};
  private int count;

  /** Adds a text: the beginning of a document, or more of the latest one. */
  void add(boolean begins, long bytes) {
    if (begins) {
      if (count == sizes.length) {
        sizes = Arrays.copyOf(sizes, Math.max(16, 2 * count));
      }
      sizes[count++] = bytes;
    } else if (count > 0) {
      sizes[count - 1] += bytes;
    }
  }

  long[] sizes() {
    return Arrays.copyOf(sizes, count);
  }
}
