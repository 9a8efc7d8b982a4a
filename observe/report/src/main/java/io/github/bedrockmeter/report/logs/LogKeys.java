// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import io.github.bedrockmeter.report.facts.Skipped.Reason;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which objects of a bucket, or files of a folder, hold records; by their names. Stateless. */
public final class LogKeys {
  /** After the hour: a bucket's own prefix may be "data" too. */
  private static final Pattern BODY_OF_AN_HOUR =
      Pattern.compile("(?:.*/)?\\d{4}/\\d{2}/\\d{2}/\\d{2}/data/.*");

  /** {@code data/<request id>_input.json.gz}, where a folder holds only an hour. */
  private static final Pattern BODY =
      Pattern.compile("(?:.*/)?data/[^/]+_(?:input|output)(?:_media_\\d+)?\\.[^/]*");

  private static final Pattern LOG =
      Pattern.compile(".*\\.(?:gz|json|jsonl|ndjson|log|txt)", Pattern.CASE_INSENSITIVE);

  /** Firehose's names, and Bedrock's without their ending, have none unless one is set. */
  private static final Pattern WITHOUT_ENDING =
      Pattern.compile(
          ".*-\\d{4}(?:-\\d{2}){5}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
              + "|\\d{8}t\\d{9}z_[0-9a-f]{16}");

  private LogKeys() {}

  /**
   * Why an object holds no records; null if it may.
   *
   * @param key its path, with slashes
   */
  public static @Nullable Reason refused(String key) {
    String name = key.substring(key.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    if (name.contains("permission-check") || name.equals("aws-logs-write-test")) {
      return Reason.PERMISSION_CHECK;
    }
    if (BODY_OF_AN_HOUR.matcher(key).matches() || BODY.matcher(key).matches()) {
      return Reason.LARGE_BODY;
    }
    boolean isLog = LOG.matcher(name).matches() || WITHOUT_ENDING.matcher(name).matches();
    return name.startsWith(".") || !isLog ? Reason.NOT_A_LOG_FILE : null;
  }
}
