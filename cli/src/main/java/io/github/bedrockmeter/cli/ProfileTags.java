// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.internal.text.Escaped;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads tags that both the meter and AWS accept. Stateless. */
final class ProfileTags {
  private static final int LONGEST_NAME = 128;
  private static final int LONGEST_VALUE = 256;
  private static final int MOST = 50;

  /** What Bedrock's control plane takes, without line ends and tabs. */
  private static final Pattern ALLOWED = Pattern.compile("[a-zA-Z0-9 ._:/=+@-]*");

  private ProfileTags() {}

  /**
   * Tags written as {@code costCenter=sales}.
   *
   * @throws IllegalArgumentException if the meter or AWS would refuse one
   */
  static Tags parse(List<String> pairs) {
    List<String> namesAndValues = new ArrayList<>();
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(
            "a tag is written as a name and a value, as costCenter=sales: " + quoted(pair));
      }
      namesAndValues.add(pair.substring(0, equals));
      namesAndValues.add(pair.substring(equals + 1));
    }
    Tags tags = Tags.of(namesAndValues.toArray(String[]::new));
    if (tags.asMap().size() > MOST) {
      throw new IllegalArgumentException(
          "AWS takes at most " + MOST + " tags: got " + tags.asMap().size());
    }
    tags.asMap().forEach(ProfileTags::check);
    return tags;
  }

  private static void check(String name, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(
          "tag "
              + quoted(name)
              + " has no value: the meter counts a blank one as missing; as "
              + Escaped.text(name)
              + "=sales");
    }
    if (isReserved(name) || isReserved(value)) {
      throw new IllegalArgumentException(
          "AWS keeps names and values that begin with 'aws:' to itself: "
              + quoted(name + "=" + value));
    }
    checkText("name", name, LONGEST_NAME);
    checkText("value", value, LONGEST_VALUE);
  }

  private static void checkText(String what, String text, int longest) {
    if (text.length() > longest) {
      throw new IllegalArgumentException(
          "AWS takes at most %d characters in a tag's %s: %s has %d"
              .formatted(longest, what, quoted(text), text.length()));
    }
    if (!ALLOWED.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "in a tag's "
              + what
              + " Bedrock takes the letters a-z and A-Z, digits, blanks and . _ : / = + @ - : "
              + quoted(text));
    }
  }

  /** Whether only AWS may set such a name or value. */
  static boolean isReserved(String text) {
    return text.toLowerCase(Locale.ROOT).startsWith("aws:");
  }

  /** {@code applicationId=crm, costCenter=sales}, in the map's order. */
  static String text(Map<String, String> tags, String separator) {
    return tags.entrySet().stream()
        .map(tag -> tag.getKey() + "=" + tag.getValue())
        .collect(Collectors.joining(separator));
  }

  private static String quoted(String text) {
    return "'" + Escaped.text(text) + "'";
  }
}
