// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.budgets;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.internal.text.Log;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.LoggerFactory;

/**
 * Counts calls that lack a tag that a budget counts per, and logs the first of each tag: their
 * money lands in one balance, which is rarely meant. Thread-safe.
 */
public final class UntaggedCalls implements MeterListener {
  private static final Log log = Log.to(LoggerFactory.getLogger(UntaggedCalls.class));

  private final InForce inForce;
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  UntaggedCalls(InForce inForce) {
    this.inForce = inForce;
  }

  @Override
  public void onReserved(MeteredCall call) {
    count(call);
  }

  @Override
  public void onDenied(DenialEvent event) {
    if (event.enforced()) {
      count(event.call());
    }
  }

  private void count(MeteredCall call) {
    for (String tag : inForce.now().tags) {
      String value = call.tags().get(tag);
      if (value == null || value.isBlank()) {
        counts.computeIfAbsent(tag, first -> firstOf(tag, call)).increment();
      }
    }
  }

  private static LongAdder firstOf(String tag, MeteredCall call) {
    log.warn(
        "Call {} has no tag '{}', which a budget counts per; such calls share the balance '{}=', and"
            + " BedrockMeter.untaggedCalls() counts them (requireTag denies them)",
        call.id(),
        tag,
        tag);
    return new LongAdder();
  }

  /** How many calls there were, by tag; a tag that no call lacked is not there. */
  public Map<String, Long> counts() {
    Map<String, Long> now = new TreeMap<>();
    counts.forEach((tag, count) -> now.put(tag, count.sum()));
    return now;
  }
}
