// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.pricing.PriceCatalog;
import java.nio.file.Path;
import java.util.List;
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
    PriceCatalog.Builder builder = PriceCatalog.builder();
    overlays.forEach(builder::overlay);
    if (overrides != null) {
      builder.overrides(overrides);
    }
    return builder.build();
  }
}
