// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import io.github.bedrockmeter.ledger.Account;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A conditional change of one account's item. Immutable and thread-safe.
 *
 * @param account whose item
 * @param update the update expression
 * @param condition the condition expression
 * @param names what both call {@code #name}
 * @param values what both call {@code :name}
 * @param swept the ids of settlements whose records the change removes
 */
record Change(
    Account account,
    String update,
    String condition,
    Map<String, String> names,
    Map<String, AttributeValue> values,
    List<String> swept) {

  /** What both expressions call {@code #name}; null if nothing, as DynamoDB wants it. */
  @Nullable Map<String, String> namesOrNull() {
    return names.isEmpty() ? null : names;
  }
}
