// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;

/**
 * Waits for the settlements under way when the application stops: after the web server has answered
 * its last request and executors have run their last tasks, and before Redis clients, which end
 * with the lifecycle and not as beans. When it starts again, so does the ledger. Thread-safe.
 */
final class MeterShutdown implements SmartLifecycle {
  /** Below executors and web servers, and far above connection factories, whose phase is 0. */
  static final int PHASE = ExecutorConfigurationSupport.DEFAULT_PHASE - 1;

  private final ObjectProvider<BedrockMeter> meter;
  private final MeterLedger ledger;
  private volatile boolean running;

  MeterShutdown(ObjectProvider<BedrockMeter> meter, MeterLedger ledger) {
    this.meter = meter;
    this.ledger = ledger;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }

  @Override
  public void start() {
    ledger.start();
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    meter.ifUnique(BedrockMeter::close);
    ledger.stop();
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
