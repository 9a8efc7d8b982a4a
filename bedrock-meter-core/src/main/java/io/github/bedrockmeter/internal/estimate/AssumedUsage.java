// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.List;
import java.util.Map;

/** What is held for requests that do not show what they will use, or were counted. Stateless. */
final class AssumedUsage {
  private static final List<Meter> SESSION_METERS =
      List.of(
          Meter.INPUT,
          Meter.OUTPUT,
          new Meter("inputSpeechTokens"),
          new Meter("outputSpeechTokens"));

  private AssumedUsage() {}

  /** A session's length is not in its request, so it is an assumption of each of its meters. */
  static Usage ofSession(long tokens) {
    Usage.Builder builder = Usage.builder(Source.ESTIMATED);
    SESSION_METERS.forEach(meter -> builder.count(meter, tokens));
    return Assumptions.ofAll(
        builder.build(), "how long a speech session lasts is not in its request");
  }

  /** So many tokens each way. */
  static Usage of(long tokens) {
    return Assumptions.ofAll(
        new Usage(tokens, tokens, 0, 0, 0, 0, Map.of(), Usage.Sources.all(Source.ESTIMATED)),
        "the request does not show what it will use");
  }

  /** An estimate whose input Bedrock has counted, so that nothing is assumed of it. */
  static Usage counted(Usage estimate, long input) {
    Usage counted =
        new Usage(
            input,
            estimate.outputTokens(),
            0,
            0,
            0,
            0,
            estimate.other(),
            Usage.Sources.all(Source.ESTIMATED));
    return Assumptions.except(Meter.INPUT, estimate, counted);
  }
}
