// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.pricing.PriceCatalog;
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

  /** What comes of files of prices, whose messages name the file and what is wrong with it. */
  static <T> T read(Supplier<T> files) {
    try {
      return files.get();
    } catch (IllegalArgumentException | UncheckedIOException wrong) {
      throw new CommandFailedException(String.valueOf(wrong.getMessage()), wrong);
    }
  }
}
