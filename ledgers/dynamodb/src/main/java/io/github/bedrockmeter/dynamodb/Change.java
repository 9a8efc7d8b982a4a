// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import io.github.bedrockmeter.ledger.Account;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A conditional change of one account's item. Immutable and thread-safe.
 *
 * @param account whose item
 * @param update the update expression
 * @param condition the condition expression
 * @param hold the id of the hold that both call {@code #hold}; null if neither does
 * @param values what both call {@code :name}
 */
record Change(
    Account account,
    String update,
    String condition,
    @Nullable String hold,
    Map<String, AttributeValue> values) {

  /** What both expressions call {@code #name}; null if nothing, as DynamoDB wants it. */
  @Nullable Map<String, String> names() {
    return hold == null ? null : Map.of("#hold", Item.holdAttribute(hold));
  }
}
