// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlockDelta;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlockDeltaEvent;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlockStartEvent;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamMetadataEvent;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.MessageStopEvent;

/** Reads a ConverseStream, whose one metadata event comes last, if it comes. */
final class ConverseStreamReader implements StreamReader<ConverseStreamOutput> {
  private static final Reading NO_METADATA =
      new Reading(null, Set.of(Meter.INPUT, Meter.OUTPUT), null, null, List.of());

  private final @Nullable String modelId;
  private @Nullable ConverseStreamMetadataEvent metadata;
  private @Nullable Runs runs;
  private boolean intervened;
  private boolean sawOutput;
  private long characters;

  ConverseStreamReader(@Nullable String modelId) {
    this.modelId = modelId;
  }

  @Override
  public void read(ConverseStreamOutput event) {
    sawOutput = true;
    if (event instanceof ContentBlockDeltaEvent block) {
      if (block.delta() != null) {
        characters += length(block.delta());
      }
    } else if (event instanceof ContentBlockStartEvent start) {
      runs = ConverseBlocks.runs(runs, start);
    } else if (event instanceof MessageStopEvent stop) {
      intervened = "guardrail_intervened".equals(stop.stopReasonAsString());
    } else if (event instanceof ConverseStreamMetadataEvent last) {
      metadata = last;
    }
  }

  @Override
  public Reading finish() {
    return metadata == null
        ? NO_METADATA
        : ConverseReader.read(metadata, modelId, runs, intervened);
  }

  @Override
  public boolean sawOutput() {
    return sawOutput;
  }

  @Override
  public long deliveredCharacters() {
    return characters;
  }

  private static long length(ContentBlockDelta delta) {
    long length = delta.text() == null ? 0 : delta.text().length();
    if (delta.toolUse() != null && delta.toolUse().input() != null) {
      length += delta.toolUse().input().length();
    }
    if (delta.reasoningContent() != null && delta.reasoningContent().text() != null) {
      length += delta.reasoningContent().text().length();
    }
    return length;
  }
}
