// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Anomaly;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Source;
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
    Verdict verdict = new Verdict(facts, false);
    split(verdict, Field.SESSION_INPUT, Meter.INPUT, Field.INPUT, INPUT_SPEECH, Field.SPEECH_INPUT);
    split(
        verdict,
        Field.SESSION_OUTPUT,
        Meter.OUTPUT,
        Field.OUTPUT,
        OUTPUT_SPEECH,
        Field.SPEECH_OUTPUT);
    return verdict.reading(null, null);
  }

  /** Where the split is not told, the rest of the sum is speech: the dearer of the two. */
  private void split(
      Verdict verdict, Field sum, Meter text, Field textField, Meter speech, Field speechField) {
    long texts = facts.number(textField);
    long speeches = facts.number(speechField);
    long total = facts.number(sum);
    if (texts < 0 && speeches < 0 && total < 0) {
      verdict.miss(text);
      verdict.miss(speech);
      return;
    }
    texts = Math.max(texts, 0);
    if (speeches < 0) {
      speeches = Math.max(total - texts, 0);
    }
    if (total >= 0 && total != texts + speeches) {
      facts.note(
          Anomaly.Kind.TOTAL_MISMATCH,
          "%s %d, text %d, speech %d".formatted(sum, total, texts, speeches));
    }
    verdict.put(text, texts, Source.BODY);
    verdict.put(speech, speeches, Source.BODY);
  }

  @Override
  public boolean sawOutput() {
    return sawOutput;
  }

  @Override
  public long deliveredCharacters() {
    return Math.max(facts.number(Field.DELIVERED_CHARACTERS), 0);
  }
}
