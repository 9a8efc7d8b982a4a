// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the journal keeps of one event, in its files and in the tables: exactly one of the two rows
 * is there. Immutable and thread-safe.
 */
record JournalEntry(@Nullable UsageRow usage, @Nullable BudgetRow budget) {
  JournalEntry {
    if ((usage == null) == (budget == null)) {
      throw new IllegalArgumentException("an entry is either a call's row or a budget event's");
    }
  }

  static JournalEntry of(UsageRow usage) {
    return new JournalEntry(usage, null);
  }

  static JournalEntry of(BudgetRow budget) {
    return new JournalEntry(null, budget);
  }

  /** The row's own id. */
  String id() {
    return usage != null ? usage.call().callId() : Objects.requireNonNull(budget).event().eventId();
  }

  byte[] toBytes() {
    return Json.bytes(this);
  }

  /**
   * What {@link #toBytes} of this version, or of an earlier one, wrote.
   *
   * @throws IOException if it is something else
   */
  static JournalEntry fromBytes(byte[] bytes) throws IOException {
    JsonNode entry = Json.tree(bytes);
    boolean isCall = entry.hasNonNull("usage");
    if (isCall == entry.hasNonNull("budget")) {
      throw new IOException("neither a call's row nor a budget event's");
    }
    return isCall ? of(UsageRow.read(entry.get("usage"))) : of(BudgetRow.read(entry.get("budget")));
  }
}
