// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;

/**
 * The SHA-256 of everything a request says, so that equal requests are recognised without keeping
 * them. Confined to one thread.
 */
final class ContentHash {
  private final MessageDigest digest;

  private ContentHash() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }

  /** The hash, in hexadecimal. */
  static String of(SdkPojo request) {
    ContentHash hash = new ContentHash();
    hash.add(request);
    return HexFormat.of().formatHex(hash.digest.digest());
  }

  /** Each value begins with its kind and its length, so that no two contents read the same. */
  private void add(@Nullable Object value) {
    if (value instanceof SdkPojo pojo) {
      begin('{', pojo.sdkFields().size());
      for (SdkField<?> field : pojo.sdkFields()) {
        add(field.getValueOrDefault(pojo));
      }
    } else if (value instanceof Collection<?> values) {
      begin('[', values.size());
      values.forEach(this::add);
    } else if (value instanceof Map<?, ?> map) {
      begin('(', map.size());
      map.forEach(
          (key, each) -> {
            add(key);
            add(each);
          });
    } else if (value instanceof SdkBytes bytes) {
      add('b', bytes.asByteArrayUnsafe());
    } else if (value != null) {
      // A document's own text distinguishes a number from a string of digits.
      add(value instanceof String ? 's' : 'v', value.toString().getBytes(StandardCharsets.UTF_8));
    } else {
      begin('0', 0);
    }
  }

  private void add(char kind, byte[] bytes) {
    begin(kind, bytes.length);
    digest.update(bytes);
  }

  private void begin(char kind, int length) {
    digest.update(ByteBuffer.allocate(6).putChar(kind).putInt(length).flip());
  }
}
