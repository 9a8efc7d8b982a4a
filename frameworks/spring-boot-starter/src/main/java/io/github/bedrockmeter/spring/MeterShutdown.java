// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;

/**
 * Waits for the settlements under way when the application stops: after the web server has answered
 * its last request, and before Redis clients, which end with the lifecycle and not as beans.
 * Thread-safe.
 */
final class MeterShutdown implements SmartLifecycle {
  /** Below the web servers' phases, and far above that of connection factories, which is 0. */
  static final int PHASE = Integer.MAX_VALUE - 4_096;

  private final ObjectProvider<BedrockMeter> meter;
  private volatile boolean running;

  MeterShutdown(ObjectProvider<BedrockMeter> meter) {
    this.meter = meter;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    meter.ifAvailable(BedrockMeter::close);
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
