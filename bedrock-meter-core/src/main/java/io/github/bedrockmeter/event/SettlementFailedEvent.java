// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.event;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.usage.Usage;

/**
 * A reservation could not be closed after all tries, so its estimate stays held. Immutable and
 * thread-safe.
 *
 * @param call the call whose reservation it is
 * @param usage what should have been charged
 * @param cost what that costs
 * @param cause the last failure
 */
public record SettlementFailedEvent(MeteredCall call, Usage usage, Cost cost, Throwable cause) {}
