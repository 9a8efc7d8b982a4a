// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.actuate;

import io.github.bedrockmeter.BedrockMeter;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** The health of the meter's ledger, in Boot 4's package. Thread-safe. */
public final class LedgerHealthOfBoot4 implements HealthIndicator {
  private final BedrockMeter meter;

  /** The health of a meter's ledger. */
  public LedgerHealthOfBoot4(BedrockMeter meter) {
    this.meter = meter;
  }

  @Override
  public Health health() {
    LedgerHealth health = LedgerHealth.of(meter);
    return (health.isUp() ? Health.up() : Health.down()).withDetails(health.details()).build();
  }
}
