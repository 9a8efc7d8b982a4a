// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.facts;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Something that was read and is no call. Immutable and thread-safe.
 *
 * @param line from 1; null if it is the whole file
 * @param reason why, never with a text of the source
 * @param requestId Bedrock's id of the request, where it could be read
 */
public record Skipped(
    @Nullable String file, @Nullable Long line, Reason reason, @Nullable String requestId)
    implements Serializable {

  /** Something of which nothing more is known. */
  public Skipped(@Nullable String file, @Nullable Long line, Reason reason) {
    this(file, line, reason, null);
  }

  /** Why something is no call. */
  public enum Reason {
    /** A line, or an object, that is no JSON: cut off while it was written, or damaged. */
    TORN_LINE("torn line"),
    /** JSON that is no record of a model invocation. */
    NOT_A_RECORD("not a record"),
    /** A record without a time, which no period can count. */
    NO_TIME("no time"),
    /** A record of an operation that is not metered, such as ListModels. */
    UNKNOWN_OPERATION("unknown operation"),
    /** The line that Bedrock writes once when logging is switched on. */
    PERMISSIONS_NOTICE("permissions notice"),
    /** A heartbeat of a CloudWatch subscription. */
    CONTROL_MESSAGE("control message"),
    /** The empty object with which Bedrock checks that it may write. */
    PERMISSION_CHECK("permission check"),
    /** An object that holds a body too large for its record. */
    LARGE_BODY("large body"),
    /** A file with another name than log files have. */
    NOT_A_LOG_FILE("not a log file"),
    /** A file that could not be read to its end: what was read before counts. */
    DAMAGED_FILE("damaged file");

    private final String words;

    Reason(String words) {
      this.words = words;
    }

    /** As the table has it. */
    public String words() {
      return words;
    }
  }
}
