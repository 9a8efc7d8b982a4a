// SPDX-License-Identifier: Apache-2.0
/**
 * The clients the caller holds: the proxy, its synchronous and asynchronous calls, and streams.
 * Start with {@link io.github.bedrockmeter.internal.client.ClientProxy}.
 */
@NullMarked
package io.github.bedrockmeter.internal.client;

import org.jspecify.annotations.NullMarked;
