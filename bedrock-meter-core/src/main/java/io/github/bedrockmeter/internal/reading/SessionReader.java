// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import software.amazon.awssdk.services.bedrockruntime.model.BidirectionalOutputPayloadPart;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamOutput;

/**
 * Reads a session of Nova Sonic. Its usage events repeat a total that grows, so the last one counts
 * and a lost one costs nothing. Speech and text have prices of their own.
 */
final class SessionReader implements StreamReader<InvokeModelWithBidirectionalStreamOutput> {
  private static final Meter INPUT_SPEECH = new Meter("inputSpeechTokens");
  private static final Meter OUTPUT_SPEECH = new Meter("outputSpeechTokens");

  private final Facts facts = new Facts();
  private boolean sawOutput;

  @Override
  public void read(InvokeModelWithBidirectionalStreamOutput event) {
    if (event instanceof BidirectionalOutputPayloadPart part) {
      sawOutput = true;
      JsonFacts.read(part.bytes(), Shapes.SESSION, facts);
    }
  }

  @Override
  public Reading finish() {
    return new Verdict(facts.copy(), false)
        .textAndSpeech(
            Meter.INPUT, Field.INPUT, INPUT_SPEECH, Field.SPEECH_INPUT, Field.SESSION_INPUT)
        .textAndSpeech(
            Meter.OUTPUT, Field.OUTPUT, OUTPUT_SPEECH, Field.SPEECH_OUTPUT, Field.SESSION_OUTPUT)
        .reading(null, null);
  }

  @Override
  public boolean sawOutput() {
    return sawOutput;
  }

  @Override
  public long deliveredCharacters() {
    return facts.orZero(Field.DELIVERED_CHARACTERS);
  }
}
