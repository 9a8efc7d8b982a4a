// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.internal.support.Listeners;
import io.github.bedrockmeter.internal.support.Workers;
import io.github.bedrockmeter.ledger.Ledger;
import java.time.InstantSource;

/** What budgets in force need besides their definitions. Thread-safe. */
record SettlementMeans(
    Ledger ledger,
    Counting counting,
    Listeners listeners,
    WaitingRoom waiting,
    InstantSource clock,
    Workers workers) {}
