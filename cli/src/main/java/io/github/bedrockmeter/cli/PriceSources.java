// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.github.bedrockmeter.pricing.PriceCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The catalogue as it ships, with overlays and own terms over it. */
final class PriceSources {
  @Option(
      names = "--overlay",
      paramLabel = "FILE",
      description = "A catalogue file to lay over the bundled prices; may be given again.")
  private List<Path> overlays = List.of();

  @Option(
      names = "--overrides",
      paramLabel = "FILE",
      description = "A file of your own rates, discounts and aliases.")
  private @Nullable Path overrides;

  PriceCatalog catalogue() {
    return read(
        () -> {
          PriceCatalog.Builder builder = PriceCatalog.builder();
          overlays.forEach(builder::overlay);
          if (overrides != null) {
            builder.overrides(overrides);
          }
          return builder.build();
        });
  }

  /** List prices: without rates and discounts of one's own. */
  PriceCatalog listPrices() {
    return read(
        () -> {
          PriceCatalog.Builder builder = PriceCatalog.builder();
          overlays.forEach(builder::overlay);
          return builder.build();
        });
  }

  /** These prices with a file over them: a catalogue, or rates and discounts. */
  PriceCatalog with(@Nullable Path file) {
    return read(
        () -> {
          PriceCatalog.Builder builder = PriceCatalog.builder();
          overlays.forEach(builder::overlay);
          boolean isCatalogue = file != null && isCatalogue(file);
          if (file != null && isCatalogue) {
            builder.overlay(file);
          }
          if (overrides != null) {
            builder.overrides(overrides);
          }
          if (file != null && !isCatalogue) {
            builder.overrides(file);
          }
          return builder.build();
        });
  }

  /** A catalogue has rates; a file of one's own has overrides, discounts, aliases or variants. */
  private static boolean isCatalogue(Path file) {
    try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
      int depth = 0;
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (depth == 1 && token == JsonToken.FIELD_NAME && json.currentName().equals("rates")) {
          return true;
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      }
      return false;
    } catch (JsonProcessingException broken) {
      return false; // read again as the other kind, which says what is wrong
    } catch (IOException unreadable) {
      throw new UncheckedIOException("cannot read " + file, unreadable);
    }
  }

  /** What comes of files of prices, whose messages name the file and what is wrong with it. */
  static <T> T read(Supplier<T> files) {
    try {
      return files.get();
    } catch (IllegalArgumentException | UncheckedIOException wrong) {
      throw new CommandFailedException(String.valueOf(wrong.getMessage()), wrong);
    }
  }
}
