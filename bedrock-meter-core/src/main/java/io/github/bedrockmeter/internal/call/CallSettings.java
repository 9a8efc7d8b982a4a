// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.internal.request.RequestStamp;
import io.github.bedrockmeter.internal.request.TagSources;
import io.github.bedrockmeter.internal.support.Workers;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How a meter treats its calls; {@code BedrockMeter.Builder} says what each setting means.
 *
 * @param clock the wall clock
 * @param nanoClock elapsed time, in nanoseconds from any origin
 * @param tags where a call's tags come from
 * @param stamp what is written into the request's metadata
 * @param countAttempts whether the SDK's attempts are counted at every call
 * @param abandonedStreams what is charged for a stream that ends before it reports its usage
 * @param inputIncludesCache by provider, whether Converse's input includes cached tokens
 * @param modelNames the user's own names for models, with the ids behind them
 * @param workers where code runs that must not hold the thread at hand
 */
public record CallSettings(
    InstantSource clock,
    LongSupplier nanoClock,
    TagSources tags,
    RequestStamp stamp,
    boolean countAttempts,
    AbandonedStreams abandonedStreams,
    Map<String, Boolean> inputIncludesCache,
    Map<String, String> modelNames,
    Workers workers) {
  public CallSettings {
    modelNames = Map.copyOf(modelNames);
    inputIncludesCache = Map.copyOf(inputIncludesCache);
  }

  /** The model behind a name: the id it stands for, or the name itself. */
  String modelNamed(String name) {
    return modelNames.getOrDefault(name, name);
  }
}
