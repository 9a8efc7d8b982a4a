// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpResponse;

/** The count headers of an InvokeModel response, which the SDK does not model. */
final class Headers {
  private static final String PREFIX = "x-amzn-bedrock-";

  private Headers() {}

  /** States each count that has a header; each is optional on its own. */
  static void read(@Nullable SdkHttpResponse response, Facts facts) {
    if (response == null) {
      return;
    }
    read(response, PREFIX + "input-token-count", Field.HEADER_INPUT, facts);
    read(response, PREFIX + "output-token-count", Field.HEADER_OUTPUT, facts);
    read(response, PREFIX + "cache-read-input-token-count", Field.HEADER_CACHE_READ, facts);
    read(response, PREFIX + "cache-write-input-token-count", Field.HEADER_CACHE_WRITE, facts);
  }

  private static void read(SdkHttpResponse response, String name, Field field, Facts facts) {
    String text = response.firstMatchingHeader(name).orElse(null);
    if (text != null) {
      try {
        facts.state(field, Long.parseLong(text.strip()));
      } catch (NumberFormatException e) {
        facts.refuse(field, "no number");
      }
    }
  }
}
