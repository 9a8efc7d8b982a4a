// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.pricing.PriceListImporter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes an overlay of AWS's own files. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a catalogue overlay of AWS's Price List and of agreement offers.",
      "What is not understood is listed on the error output, with the reason."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class PricesImportCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--price-list",
      paramLabel = "FILE",
      description = "An offer file of the Price List, as AmazonBedrock.json; may be given again.")
  private List<Path> priceLists = List.of();

  @Option(
      names = "--offers",
      paramLabel = "FILE",
      description =
          "The answer of list-foundation-model-agreement-offers for a model; may be given again.")
  private List<Path> offers = List.of();

  @Option(
      names = "--name",
      paramLabel = "NAME=MODEL",
      description = "The model id behind a name of the Price List that is not known.")
  private Map<String, String> names = Map.of();

  @Option(
      names = "--threshold",
      paramLabel = "MODEL=TOKENS",
      description = "The input tokens above which a model's long rates hold, as 272000.")
  private Map<String, Long> thresholds = Map.of();

  @Option(
      names = "--version-name",
      paramLabel = "TEXT",
      description = "The overlay's version. Default: today's date.")
  private @Nullable String version;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to write the overlay. Default: the standard output.")
  private @Nullable Path out;

  @Override
  public void run() {
    if (priceLists.isEmpty() && offers.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "nothing to import; give --price-list FILE or --offers FILE");
    }
    PriceListImporter importer = new PriceListImporter();
    LocalDate today = LocalDate.now(ZoneOffset.UTC);
    try {
      names.forEach(importer::name);
      thresholds.forEach(importer::threshold);
      priceLists.forEach(importer::read);
      for (Path file : offers) {
        try (InputStream in = Files.newInputStream(file)) {
          importer.readOffers(file.getFileName().toString(), in, today);
        }
      }
      PriceListImporter.Result result =
          importer.result(version == null ? "imported-" + today : version);
      if (out == null) {
        spec.commandLine().getOut().print(result.overlay());
      } else {
        Files.writeString(out, result.overlay());
      }
      result.leftOut().forEach(line -> spec.commandLine().getErr().println(Escaped.text(line)));
      spec.commandLine()
          .getErr()
          .printf("%d figures, %d rows left out%n", result.figures(), result.leftOut().size());
    } catch (IllegalArgumentException wrong) {
      throw new CommandFailedException(String.valueOf(wrong.getMessage()), wrong);
    } catch (IOException failed) {
      throw new CommandFailedException("cannot read or write a file: " + failed.getMessage());
    }
  }
}
