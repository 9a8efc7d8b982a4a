// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.usage.Meter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The bundled catalogue, of which the index is read at once and the rows of a model when they are
 * asked for. Immutable and thread-safe.
 */
final class ShardedCatalog implements CatalogLayer {
  static final String INDEX = "index.txt";
  private static final String FOLDER = "shards/";

  private final String version;
  private final LocalDate asOf;
  private final Map<String, PriceScope> geoPrefixes = new LinkedHashMap<>();
  private final Map<String, BigDecimal> tierRatios = new LinkedHashMap<>();
  private final Map<String, Map<Meter, BigDecimal>> families = new LinkedHashMap<>();
  private final Map<String, CatalogModel> models = new TreeMap<>();
  private final Map<String, Set<String>> variants = new TreeMap<>();

  /** Lines of the index, by provider; read by the few calls that ask for them. */
  private final Map<String, List<String>> highest = new HashMap<>();

  private ShardedCatalog(String index) {
    String ownVersion = null;
    LocalDate ownDay = null;
    for (String line : lines(index)) {
      List<String> fields = ShardText.fields(line);
      List<String> rest = fields.subList(1, fields.size());
      switch (fields.get(0)) {
        case "version" -> {
          ownVersion = rest.get(0);
          ownDay = ShardText.day(rest.get(1));
        }
        case "geo" -> geoPrefixes.put(rest.get(0), PriceScope.named(rest.get(1)));
        case "tier" -> tierRatios.put(rest.get(0), new BigDecimal(rest.get(1)));
        case "family" -> families.put(rest.get(0), ShardText.figures(rest.get(1)));
        case "name" -> models.put(rest.get(0), ShardText.model(rest));
        case "model" -> {
          models.put(rest.get(0), ShardText.model(rest));
          variants.put(rest.get(0), ShardText.variants(rest));
        }
        case "highest" -> {
          List<String> known = highest.get(rest.get(0));
          if (known == null) {
            known = new ArrayList<>();
            highest.put(rest.get(0), known);
          }
          known.add(line);
        }
        default -> throw new IllegalStateException("an index of another version: " + line);
      }
    }
    this.version = Objects.requireNonNull(ownVersion, "the index has no version");
    this.asOf = Objects.requireNonNull(ownDay, "the index has no day");
  }

  /** The catalogue in the jar; the readable file itself where the build made no shards of it. */
  static CatalogLayer bundled() {
    String index = text(FOLDER + INDEX);
    return index != null
        ? new ShardedCatalog(index)
        : CatalogReader.read(
            "the bundled catalogue",
            Objects.requireNonNull(
                ShardedCatalog.class.getResourceAsStream("catalogue.json"),
                "catalogue.json is missing from the jar"));
  }

  /** The file of a model: its id, since no file system takes a colon everywhere. */
  static String fileOf(String model) {
    return model.replace(':', '@').replace(' ', '_').replace('/', '_').concat(".txt");
  }

  private static @Nullable String text(String resource) {
    try (InputStream in = ShardedCatalog.class.getResourceAsStream(resource)) {
      return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException("the jar's " + resource + " cannot be read", unreadable);
    }
  }

  private static List<String> lines(String text) {
    List<String> lines = new ArrayList<>();
    int start = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      lines.add(text.substring(start, end));
      start = end + 1;
    }
    return lines;
  }

  @Override
  public String version() {
    return version;
  }

  @Override
  public LocalDate asOf() {
    return asOf;
  }

  @Override
  public Map<String, PriceScope> geoPrefixes() {
    return Collections.unmodifiableMap(geoPrefixes);
  }

  @Override
  public Map<String, BigDecimal> tierRatios() {
    return Collections.unmodifiableMap(tierRatios);
  }

  @Override
  public Map<String, Map<Meter, BigDecimal>> families() {
    return Collections.unmodifiableMap(families);
  }

  @Override
  public Map<String, CatalogModel> models() {
    return Collections.unmodifiableMap(models);
  }

  @Override
  public Map<String, Set<String>> variants() {
    return Collections.unmodifiableMap(variants);
  }

  @Override
  public List<RateRow> rowsOf(String model) {
    if (!variants.containsKey(model)) {
      return List.of();
    }
    String shard = text(FOLDER.concat(fileOf(model)));
    if (shard == null) {
      throw new IllegalStateException("the jar has no " + FOLDER + fileOf(model));
    }
    List<RateRow> rows = new ArrayList<>();
    for (String line : lines(shard)) {
      rows.add(ShardText.row(model, line));
    }
    return List.copyOf(rows);
  }

  @Override
  public List<Highest> highest(@Nullable String provider) {
    List<Highest> rates = new ArrayList<>();
    highest.forEach(
        (name, lines) -> {
          if (provider == null || provider.equals(name)) {
            for (String line : lines) {
              List<String> fields = ShardText.fields(line);
              rates.add(ShardText.highest(fields.subList(2, fields.size())));
            }
          }
        });
    return rates;
  }
}
