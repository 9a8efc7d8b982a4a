// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** The names of profiles, by Bedrock's rule. Stateless. */
final class ProfileNames {
  private static final int LONGEST = 64;
  private static final int HASH = 8;
  private static final Pattern FORM = Pattern.compile("([0-9a-zA-Z][ _-]?){1,64}");

  private ProfileNames() {}

  /**
   * The name itself.
   *
   * @throws IllegalArgumentException if Bedrock would refuse it
   */
  static String checked(String name) {
    if (name.length() > LONGEST || !FORM.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "--name must be letters a-z and A-Z and digits, with single blanks, hyphens or"
              + " underscores between them, 64 characters at most, as sales-claude-sonnet: '"
              + Escaped.text(name)
              + "'");
    }
    return name;
  }

  /**
   * A name made of a tag's value and a model: {@code sales-eu-anthropic-claude-sonnet-4-6}. One
   * that is too long ends in a hash of what it was made of.
   */
  static String derived(String value, String model) {
    String name = words(value + "-" + model);
    if (name.length() <= LONGEST) {
      return name;
    }
    String cut = words(name.substring(0, LONGEST - HASH - 1));
    return cut + "-" + hash(value + "\n" + model).substring(0, HASH);
  }

  /** Letters and digits, with one hyphen for everything between them. */
  static String words(String text) {
    return text.replaceAll("[^0-9a-zA-Z]+", "-").replaceAll("^-|-$", "");
  }

  /** SHA-256 in hexadecimal digits. */
  static String hash(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible); // every Java has it
    }
  }
}
