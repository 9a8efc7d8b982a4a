// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The versions of the AWS SDK that this JVM has. Frameworks pin older ones than this library is
 * compiled against; without this check each call would fail by a missing method.
 *
 * @param core that of the module {@code sdk-core}, such as {@code 2.57.8}; null if unknown
 * @param runtime that of the module {@code bedrockruntime}, such as {@code 2.57.x}; null if unknown
 * @param hasNewestMember whether the newest method of the SDK that is called here is there
 */
record SdkVersions(@Nullable String core, @Nullable String runtime, boolean hasNewestMember) {
  static final String OLDEST = "2.41.34";
  static final String TESTED = "2.57.8";

  private static final Pattern NUMBERS =
      Pattern.compile("(\\d{1,9})\\.(\\d{1,9})(?:\\.(\\d{1,9}))?");
  static final String REMEDY =
      "Import the SDK's BOM above all other BOMs, in Maven's dependencyManagement:"
          + " <dependency><groupId>software.amazon.awssdk</groupId><artifactId>bom</artifactId>"
          + "<version>%1$s</version><type>pom</type><scope>import</scope></dependency>; in Gradle:"
          + " implementation(platform(\"software.amazon.awssdk:bom:%1$s\"))";

  void requireOldest() {
    if (isBelow(core, OLDEST) || isBelow(runtime, OLDEST) || !hasNewestMember) {
      throw new IllegalStateException(
          "AWS SDK for Java %s found; bedrock-meter needs %s or newer. "
                  .formatted(described(), OLDEST)
              + REMEDY.formatted(TESTED));
    }
  }

  boolean isMixed() {
    return runtime != null && isBelow(core, runtime);
  }

  private String described() {
    String inCore = core == null ? "of an unknown version" : core;
    return runtime == null || runtime.equals(core)
        ? inCore
        : inCore + " (sdk-core) with " + runtime + " (bedrockruntime)";
  }

  /** Of what the two do not name, and of what are no numbers, the best is assumed. */
  private static boolean isBelow(@Nullable String version, String other) {
    Matcher mine = NUMBERS.matcher(version == null ? "" : version);
    Matcher its = NUMBERS.matcher(other);
    if (mine.lookingAt() && its.lookingAt()) {
      for (int i = 1; i <= 3; i++) {
        int number = mine.group(i) == null ? Integer.MAX_VALUE : Integer.parseInt(mine.group(i));
        int limit = its.group(i) == null ? 0 : Integer.parseInt(its.group(i));
        if (number != limit) {
          return number < limit;
        }
      }
    }
    return false;
  }
}
