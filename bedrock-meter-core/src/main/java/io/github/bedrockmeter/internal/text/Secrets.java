// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

import java.util.regex.Pattern;

/**
 * Leaves passwords out of messages that are not ours: drivers quote the URL that they could not
 * open. Ours quote no URL; this is for the rest, and knows the usual forms only. Stateless.
 */
final class Secrets {
  private static final Pattern USER = Pattern.compile("//[^\\s/@]{1,300}@");
  private static final Pattern USER_WITH_PASSWORD =
      Pattern.compile("[^\\s/@:'\"]{1,100}[:/][^\\s/@'\"]{1,200}@(?=[A-Za-z0-9\\[])");
  private static final Pattern SETTING =
      Pattern.compile(
          "(?i)((?:password|passwd|pwd|passphrase|secret|token|key)=)[^\\s&;,'\")]{1,300}");

  private Secrets() {}

  /** The text without what stands where passwords do; the same instance if nothing does. */
  static String without(String text) {
    if (text.indexOf('@') < 0 && text.indexOf('=') < 0) {
      return text;
    }
    String left = USER.matcher(text).replaceAll("//...@");
    left = USER_WITH_PASSWORD.matcher(left).replaceAll("...@");
    left = SETTING.matcher(left).replaceAll("$1...");
    return left.equals(text) ? text : left;
  }
}
