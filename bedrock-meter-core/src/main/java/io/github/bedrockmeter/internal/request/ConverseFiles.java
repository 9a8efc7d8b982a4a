// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.model.DocumentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.DocumentSource;
import software.amazon.awssdk.services.bedrockruntime.model.VideoBlock;

/** What the files of a Converse request count beyond their bytes. Stateless. */
final class ConverseFiles {
  private ConverseFiles() {}

  static void count(DocumentBlock document, String modelId, Extent extent) {
    DocumentSource source = document.source();
    if (source == null || (source.bytes() == null && source.s3Location() == null)) {
      return; // its text is in the request
    }
    Media kind = Media.of(document.formatAsString());
    count(kind == null ? Media.OTHER : kind, source.bytes(), modelId, extent);
  }

  static void count(VideoBlock video, String modelId, Extent extent) {
    SdkBytes bytes = video.source() == null ? null : video.source().bytes();
    Media.Files files = Media.Files.one();
    files.bytes = bytes == null ? 0 : bytes.asByteArrayUnsafe().length;
    files.hidden = 1;
    Media.count(Media.VIDEO, files, modelId, extent);
  }

  /** A file of another kind; null bytes where it lies elsewhere. */
  static void count(Media kind, @Nullable SdkBytes bytes, String modelId, Extent extent) {
    Media.Files files = Media.Files.one();
    if (bytes == null) {
      files.hidden = 1;
    } else if (kind == Media.PDF) {
      long pages = PdfPages.of(bytes.asByteArrayUnsafe());
      files.pages = Math.max(0, pages);
      files.hidden = pages < 0 ? 1 : 0;
    }
    Media.count(kind, files, modelId, extent);
  }
}
