// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One JSON object of a body on the way down. Mutable, confined to one thread. */
final class BodyLevel {
  /**
   * Objects in which the families' own blocks stand. What is in any other object is the caller's
   * free JSON: arguments, results, schemas. There every text is text, whatever its name.
   */
  private static final Set<String> OF_THE_FAMILY =
      Set.of(
          "messages",
          "content",
          "system",
          "source",
          "image",
          "document",
          "video",
          "audio",
          "text",
          "toolResult",
          "guardContent",
          "inputs",
          "image_url",
          "file",
          "input_audio",
          "mediaSource",
          "s3Location",
          "singleEmbeddingParams",
          "segmentedEmbeddingParams");

  /** Where a file stands, by the object around it: its own field, or the first of the body's. */
  private static final Set<String> FILES =
      Set.of(
          "source.data",
          "source.bytes",
          "image_url.url",
          "content.image_url",
          "input.image_url",
          "content.file_data",
          "file.file_data",
          "input_audio.data",
          "mediaSource.base64String",
          "video.base64String",
          ".inputImage",
          ".image",
          ".images",
          ".mask",
          ".init_image",
          ".mask_image");

  final String name;
  final int depth;

  /** Whether it is one of the family's own, and all around it are. */
  final boolean open;

  /** Whether it is one edit of the context: some sample the model. */
  final boolean editsContext;

  final boolean isTool;
  @Nullable Media kind;
  final Media.Files files = new Media.Files();
  String toolType = "";
  long mostRuns = -1;

  BodyLevel(String name, boolean inArray, @Nullable BodyLevel parent) {
    this.name = parent == null ? "" : name;
    this.depth = parent == null ? 1 : parent.depth + 1;
    this.open =
        parent == null
            || (parent.open
                && (OF_THE_FAMILY.contains(name)
                    || (depth == 2 && (name.endsWith("Params") || (inArray && isInput(name))))));
    this.editsContext =
        inArray
            && ((depth == 2 && name.equals("context_management"))
                || (depth == 3 && name.equals("edits") && isContext(parent)));
    this.isTool =
        parent != null
            && inArray
            && name.equals("tools")
            && (depth == 2 || (depth == 3 && parent.name.equals("toolConfig")));
    this.kind = open ? Media.of(name) : null;
  }

  private static boolean isContext(@Nullable BodyLevel level) {
    return level != null && level.name.equals("context_management");
  }

  private static boolean isInput(String name) {
    return name.equals("input");
  }

  /** Whether a string under this name is a file in base64, or a URL of one. */
  boolean holdsFile(String field) {
    if (!open) {
      return false;
    }
    if (depth == 2 && name.endsWith("Params")) {
      return field.toLowerCase(Locale.ROOT).contains("image");
    }
    return FILES.contains(name + "." + field);
  }

  /** Whether its files are those of the block around it, which says what they are. */
  boolean isPartOfABlock() {
    return name.equals("source") || name.equals("mediaSource") || name.equals("file");
  }
}
