// SPDX-License-Identifier: Apache-2.0
/**
 * Alerts about budgets, denials and the ledger, to Slack, Teams, a webhook or SNS. Start with
 * {@link Alerts}; {@code docs/alerts.md} lists every alert.
 */
@NullMarked
package io.github.bedrockmeter.alerts;

import org.jspecify.annotations.NullMarked;
