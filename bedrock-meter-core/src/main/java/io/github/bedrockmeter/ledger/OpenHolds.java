// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The open holds of one account, by id. Mostly it is one. Others are in a hash table of holds
 * themselves: a {@code HashMap} would allocate a node for each hold of each call. Confined to the
 * holder of the account's lock.
 */
final class OpenHolds {
  private static final @Nullable Hold[] NO_OTHERS = new @Nullable Hold[1];

  /** The one that was opened when there was no other; null when it is settled. */
  private @Nullable Hold first;

  private @Nullable Hold[] table = NO_OTHERS;
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  boolean contains(String id) {
    return isFirst(id) || table[slotOf(id)] != null;
  }

  private boolean isFirst(String id) {
    return first != null && first.id().equals(id);
  }

  /** Adds a hold; answers whether its id is new. */
  boolean add(Hold hold) {
    if (size == 0) {
      first = hold;
      size = 1;
      return true;
    }
    if (isFirst(hold.id())) {
      return false;
    }
    if (table == NO_OTHERS) {
      table = new @Nullable Hold[8];
    }
    int slot = slotOf(hold.id());
    if (table[slot] != null) {
      return false;
    }
    table[slot] = hold;
    if (++size * 2 > table.length) {
      grow();
    }
    return true;
  }

  /** Removes a hold; null if there is none of this id. */
  @Nullable Hold remove(String id) {
    if (isFirst(id)) {
      Hold removed = first;
      first = null;
      size--;
      return removed;
    }
    int slot = slotOf(id);
    Hold removed = table[slot];
    if (removed != null) {
      size--;
      close(slot);
    }
    return removed;
  }

  /** The holds, in no order. */
  List<Hold> list() {
    List<Hold> holds = new ArrayList<>(size);
    if (first != null) {
      holds.add(first);
    }
    for (Hold hold : table) {
      if (hold != null) {
        holds.add(hold);
      }
    }
    return holds;
  }

  /** Moves back what stood behind a freed slot only because that slot was taken. */
  private void close(int freed) {
    int hole = freed;
    for (int slot = next(hole); ; slot = next(slot)) {
      Hold hold = table[slot];
      if (hold == null) {
        break;
      }
      int home = home(hold.id());
      boolean staysReachable =
          hole <= slot ? hole < home && home <= slot : hole < home || home <= slot;
      if (!staysReachable) {
        table[hole] = hold;
        hole = slot;
      }
    }
    table[hole] = null;
  }

  /** Where a hold of this id is, or would be put. */
  private int slotOf(String id) {
    int slot = home(id);
    for (Hold hold = table[slot]; hold != null && !hold.id().equals(id); hold = table[slot]) {
      slot = next(slot);
    }
    return slot;
  }

  private int home(String id) {
    int hash = id.hashCode();
    return (hash ^ (hash >>> 16)) & (table.length - 1);
  }

  private int next(int slot) {
    return (slot + 1) & (table.length - 1);
  }

  private void grow() {
    @Nullable Hold[] old = table;
    table = new @Nullable Hold[old.length * 2];
    for (Hold hold : old) {
      if (hold != null) {
        table[slotOf(hold.id())] = hold;
      }
    }
  }
}
