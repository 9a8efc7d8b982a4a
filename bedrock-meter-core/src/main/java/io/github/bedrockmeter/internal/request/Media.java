// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.usage.Meter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a file in a request is, and what it may count in a prompt beyond its bytes. */
enum Media {
  IMAGE,
  PDF,
  /** Text of some kind, whose tokens are at most its bytes. */
  TEXT,
  VIDEO,
  AUDIO,
  /** A file whose text is compressed, or of a kind that is not known. */
  OTHER;

  /** What a media type, a format or the name of a block says; null if it says nothing. */
  static @Nullable Media of(@Nullable String word) {
    if (word == null) {
      return null;
    }
    String text = word.toLowerCase(Locale.ROOT);
    int end = text.indexOf(';');
    return switch (end < 0 ? text : text.substring(0, end)) {
      case "image", "image_url", "input_image", "png", "jpeg", "jpg", "gif", "webp" -> IMAGE;
      case "application/pdf", "pdf" -> PDF;
      case "txt", "md", "csv", "html" -> TEXT;
      case "video" -> VIDEO;
      case "audio", "input_audio" -> AUDIO;
      case "doc", "docx", "xls", "xlsx" -> OTHER;
      default ->
          text.startsWith("image/")
              ? IMAGE
              : text.startsWith("text/")
                  ? TEXT
                  : text.startsWith("video/") ? VIDEO : text.startsWith("audio/") ? AUDIO : null;
    };
  }

  /** Some files of one kind, in one place of a request. Mutable, confined to one thread. */
  static final class Files {
    int count;

    /** Bytes they take in the request; zero for those that lie elsewhere. */
    long bytes;

    /** The pages of the PDFs among them. */
    long pages;

    /** How many of them cannot be looked into. */
    int hidden;

    static Files one() {
      Files files = new Files();
      files.count = 1;
      return files;
    }

    void add(Files more) {
      count += more.count;
      bytes += more.bytes;
      pages += more.pages;
      hidden += more.hidden;
    }
  }

  /** Adds what files of this kind count beyond the bytes they are written in. */
  static void count(@Nullable Media kind, Files files, String modelId, Extent extent) {
    if (kind == IMAGE) {
      extent.input += files.count * Allowances.perImage(modelId) - files.bytes;
      extent.images += files.count;
      if (!Allowances.knowsImages(modelId)) {
        extent.notShown(Meter.INPUT, "how many tokens this model makes of an image is not known");
      }
      return;
    }
    if (kind == VIDEO && Allowances.samplesVideo(modelId)) {
      extent.input += files.count * Allowances.TOKENS_PER_NOVA_VIDEO - files.bytes;
      return;
    }
    extent.input += files.pages * Allowances.TOKENS_PER_PAGE;
    if (files.hidden == 0 && (kind == PDF || kind == TEXT)) {
      return;
    }
    int hidden = kind == PDF || kind == TEXT ? files.hidden : files.count;
    extent.input += hidden * Allowances.TOKENS_PER_FILE;
    extent.notShown(
        Meter.INPUT,
        kind == PDF
            ? "the pages of a PDF cannot be counted"
            : kind == VIDEO || kind == AUDIO
                ? "how many tokens this model makes of video or audio is not known"
                : "how much text a file holds is not known");
  }
}
