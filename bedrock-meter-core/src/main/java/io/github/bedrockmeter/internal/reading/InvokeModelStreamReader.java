// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamResponse;
import software.amazon.awssdk.services.bedrockruntime.model.PayloadPart;
import software.amazon.awssdk.services.bedrockruntime.model.ResponseStream;

/** Reads the chunks of an InvokeModel stream, whose JSON is the provider's own. */
final class InvokeModelStreamReader implements StreamReader<ResponseStream> {
  private final @Nullable String modelId;
  private final Facts facts = new Facts();
  private @Nullable String serviceTier;
  private @Nullable String latency;
  private boolean sawOutput;

  InvokeModelStreamReader(@Nullable String modelId) {
    this.modelId = modelId;
  }

  @Override
  public void started(SdkResponse response) {
    if (response instanceof InvokeModelWithResponseStreamResponse opened) {
      serviceTier = opened.serviceTierAsString();
      latency = opened.performanceConfigLatencyAsString();
    }
  }

  @Override
  public void read(ResponseStream event) {
    if (event instanceof PayloadPart part) {
      sawOutput = true;
      JsonFacts.read(part.bytes(), Shapes.CHUNK, facts);
    }
  }

  @Override
  public Reading finish() {
    return new Verdict(facts.copy(), blocked())
        .tokens(true, true)
        .guardrail()
        .reading(
            Tier.of(serviceTier, latency, facts), InvokeModelReader.answeredBy(modelId, facts));
  }

  @Override
  public boolean sawOutput() {
    return sawOutput;
  }

  @Override
  public long deliveredCharacters() {
    return facts.orZero(Field.DELIVERED_CHARACTERS);
  }

  /**
   * A stream that was left early has no counts either. So a guardrail's intervention means zero
   * only if the stream shows it, by a count of zero or by being complete.
   */
  private boolean blocked() {
    return InvokeModelReader.blocked(facts)
        && (facts.has(Field.INPUT) || facts.has(Field.PROMPT) || facts.has(Field.ENDED));
  }
}
