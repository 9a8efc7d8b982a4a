// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.actuate;

import io.github.bedrockmeter.BedrockMeter;
import java.util.LinkedHashMap;
import java.util.Map;

/** What both generations of health indicators say about a meter. */
record LedgerHealth(boolean isUp, Map<String, Object> details) {

  /** As the meter knows without asking its ledger. */
  static LedgerHealth of(BedrockMeter meter) {
    BedrockMeter.Health health = meter.health();
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("ledgerAnswers", health.ledgerAnswers());
    details.put("accountsInTrouble", health.accountsInTrouble().size());
    details.put("openCalls", health.openCalls());
    details.put("pendingSettlements", health.pendingSettlements());
    details.put("failedSettlements", health.failedSettlements());
    if (health.bypassedUntil() != null) {
      details.put("bypassedUntil", health.bypassedUntil().toString());
    }
    return new LedgerHealth(health.ledgerAnswers(), details);
  }
}
