// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlockStartEvent;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.ToolUseBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ToolUseBlockStart;

/**
 * The tools that Bedrock ran for a Converse answer. No count states them, so the answer's blocks
 * are looked at. Older SDKs do not have the type of a block, so it is asked for by name. Stateless.
 */
final class ConverseBlocks {
  private ConverseBlocks() {}

  /** The tools that ran; null if none did, as with most calls. */
  static @Nullable Runs runs(ConverseResponse response) {
    Message message = response.output() == null ? null : response.output().message();
    List<ContentBlock> content = message == null ? List.of() : message.content();
    Runs runs = null;
    for (int i = 0; i < content.size(); i++) { // by index: an iterator would be garbage
      ContentBlock block = content.get(i);
      ToolUseBlock tool = block == null ? null : block.toolUse();
      if (tool != null
          && Runs.RAN.equals(tool.getValueForField("type", String.class).orElse(null))) {
        runs = ran(runs, tool.name());
      }
    }
    return runs;
  }

  /** The tools that ran, with the one that begins to run in this event of a stream, if any. */
  static @Nullable Runs runs(@Nullable Runs before, ContentBlockStartEvent event) {
    ToolUseBlockStart tool = event.start() == null ? null : event.start().toolUse();
    return tool != null && Runs.RAN.equals(tool.getValueForField("type", String.class).orElse(null))
        ? ran(before, tool.name())
        : before;
  }

  private static Runs ran(@Nullable Runs before, @Nullable String tool) {
    Runs runs = before == null ? new Runs() : before;
    runs.ran(tool == null ? "unknown" : tool);
    return runs;
  }
}
