// SPDX-License-Identifier: Apache-2.0
/** Balances in a DynamoDB table. Start with {@link DynamoDbLedger}. */
@NullMarked
package io.github.bedrockmeter.dynamodb;

import org.jspecify.annotations.NullMarked;
