// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.usage.ModelId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Writes the readable catalogue again as small text files, one for each model and an index, so that
 * a program reads what it asks for and no more. Run by the build; {@link ShardedCatalog} reads
 * them.
 */
final class ShardWriter {
  private ShardWriter() {}

  /**
   * Writes the shards, unless they are newer than the catalogue and the classes beside them: first
   * argument the readable catalogue, second the folder.
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      throw new IllegalArgumentException("usage: ShardWriter <catalogue.json> <folder>");
    }
    Path catalogue = Path.of(args[0]);
    Path folder = Files.createDirectories(Path.of(args[1]));
    if (isUpToDate(folder, catalogue)) {
      return;
    }
    CatalogData data =
        PriceFile.reading(catalogue, in -> CatalogReader.read("the bundled catalogue", in));
    Files.deleteIfExists(folder.resolve(ShardedCatalog.INDEX));
    Map<String, String> files = files(data);
    String index = Objects.requireNonNull(files.remove(ShardedCatalog.INDEX));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), file.getValue());
    }
    // The last one, so that its time is that of all.
    Files.writeString(folder.resolve(ShardedCatalog.INDEX), index);
  }

  private static boolean isUpToDate(Path folder, Path catalogue) throws IOException {
    Path index = folder.resolve(ShardedCatalog.INDEX);
    if (!Files.exists(index)) {
      return false;
    }
    FileTime written = Files.getLastModifiedTime(index);
    List<Path> sources = new ArrayList<>(List.of(catalogue));
    try (DirectoryStream<Path> classes =
        Files.newDirectoryStream(folder.resolveSibling("."), "*.class")) {
      classes.forEach(sources::add);
    }
    for (Path source : sources) {
      if (Files.getLastModifiedTime(source).compareTo(written) >= 0) {
        return false;
      }
    }
    return true;
  }

  /** The name and the text of each file. */
  static Map<String, String> files(CatalogData data) {
    Map<String, String> files = new TreeMap<>();
    Map<String, Set<String>> variants = data.variants();
    for (String model : variants.keySet()) {
      StringBuilder rows = new StringBuilder();
      data.rowsOf(model).forEach(row -> rows.append(ShardText.row(row)).append('\n'));
      files.put(ShardedCatalog.fileOf(model), rows.toString());
    }
    files.put(ShardedCatalog.INDEX, index(data, variants));
    return files;
  }

  private static String index(CatalogData data, Map<String, Set<String>> variants) {
    List<String> lines = new ArrayList<>();
    lines.add(ShardText.line("version", data.version(), data.asOf().toString()));
    data.geoPrefixes().forEach((name, scope) -> lines.add(entry("geo", name, scope.label())));
    data.tierRatios()
        .forEach((name, ratio) -> lines.add(entry("tier", name, ratio.toPlainString())));
    data.families()
        .forEach((name, ratios) -> lines.add(entry("family", name, ShardText.figures(ratios))));
    Set<String> models = new TreeSet<>(data.models().keySet());
    models.addAll(variants.keySet());
    Set<String> providers = new TreeSet<>();
    for (String model : models) {
      CatalogModel facts = data.models().getOrDefault(model, CatalogModel.PLAIN);
      Set<String> own = variants.get(model);
      lines.add(
          (own == null ? "name\t" : "model\t")
              + ShardText.model(model, facts, own == null ? Set.of() : own));
      String provider = ModelId.of(model).provider();
      providers.add(provider == null ? "" : provider);
    }
    for (String provider : providers) {
      data.rows().stream()
          .filter(row -> provider.equals(Objects.requireNonNullElse(providerOf(row), "")))
          .collect(
              java.util.stream.Collectors.collectingAndThen(
                  java.util.stream.Collectors.toList(), HighestRates::of))
          .forEach(rate -> lines.add("highest\t" + provider + "\t" + ShardText.highest(rate)));
    }
    return String.join("\n", lines) + "\n";
  }

  private static @org.jspecify.annotations.Nullable String providerOf(RateRow row) {
    return ModelId.of(row.model()).provider();
  }

  private static String entry(String kind, String name, String value) {
    return ShardText.line(kind, name, value);
  }
}
