// SPDX-License-Identifier: Apache-2.0
/** Balances in Redis or Valkey, shared by many JVMs. Start with {@link RedisLedger}. */
@NullMarked
package io.github.bedrockmeter.redis;

import org.jspecify.annotations.NullMarked;
