// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpRequest;

/** Reads the model out of a request's URL, {@code /model/ID/converse}. Stateless. */
final class CalledModel {
  private static final String MODEL = "/model/";

  private CalledModel() {}

  /** The model that the URL names; null if it names none. */
  static @Nullable String of(SdkHttpRequest request) {
    String path = request.encodedPath();
    int start = path.indexOf(MODEL);
    int end = path.lastIndexOf('/');
    if (start < 0 || end < start + MODEL.length()) {
      return null;
    }
    String id = path.substring(start + MODEL.length(), end);
    // A plus sign in a path is itself; only in a query it would be a blank.
    return id.indexOf('%') < 0
        ? id
        : URLDecoder.decode(id.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
