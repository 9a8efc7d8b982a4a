// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.usage.Meter;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A usage type of AWS's Price List, read word by word. A type with an unknown word is not read at
 * all: a new suffix means a new price, and a type read without it would get another type's price.
 *
 * @param model the model's name inside the usage type; null if another attribute names it
 * @param tier the tier that the usage type states; null if it states none
 * @param scope null if the usage type states none: AWS then means in-region and geographic
 */
record UsageType(
    @Nullable String model,
    Meter meter,
    @Nullable String tier,
    @Nullable PriceScope scope,
    boolean longContext,
    Endpoint endpoint,
    String variant) {

  /** Ireland's code has no digit. */
  private static final Pattern REGION_CODE = Pattern.compile("(?:[A-Z]{2,5}[0-9]+|EU)-(.+)");

  private static final Pattern GUARDRAIL =
      Pattern.compile("Guardrail-([A-Z][A-Za-z]+?Policy)(Image|Paid|Free)?UnitsConsumed");
  private static final Pattern MANTLE =
      Pattern.compile(
          "(.+)-mantle-(input|output|cache-read|cache-write)(-1h|-30m)?-tokens(-1h|-30m|-5m)?"
              + "-(global-)?(standard|flex|priority|batch)");
  private static final Pattern MARKET_CAMEL =
      Pattern.compile(
          "(Input|Output|CacheReadInput|CacheWrite(?:5m|30m|1h)?Input)TokenCount"
              + "((?:_Global|_Batch|_LatencyOptimized)*)");
  private static final Pattern MARKET_SNAKE =
      Pattern.compile(
          "(input|output|cached?_read|cached_input|cache_writes?)_tokens(_5m|_30m|_1h)?"
              + "(_long_ctx)?(_global)?"
              + "_(standard|flex|priority|batch)");
  private static final Pattern MARKET_RESERVED =
      Pattern.compile("Reserved_([13])Month_(Input|Output)TPM_(Geo|Global)");
  private static final Pattern MARKET_PROVISIONED =
      Pattern.compile("ProvisionedThroughput_(NoCommit|[0-9]+MonthCommit)_ModelUnits_Usage");
  private static final Pattern PROVISIONED =
      Pattern.compile(
          "(.+)-ProvisionedThroughput-(Custom-)?(NoCommit|[0-9]+MonthCommit)-ModelUnits");

  /** Cache first: {@code cache-read-input-token-count} has {@code input-token} in it. */
  private static final Pattern RUNTIME =
      Pattern.compile(
          "(.+?)(-LatencyOptimized)?-(cache-read-input-token-count"
              + "|cache-write(?:-5m|-30m|-1h)?-input-token-count"
              + "|(?:text-)?(?:input|output)-token-count"
              + "|(?:text-)?input-tokens|(?:text-)?output-tokens"
              + "|(?:input|output)-(?:image|audio|video)-token-count"
              + "|speech-(?:understanding-)?input-tokens?|speech-(?:generation-)?output-tokens?)"
              + "((?:-(?:long-context|flex|priority|batch|latency-optimized|cross-region-global"
              + "|cross-region-geo|global|custom-model))*)");

  private static final Map<String, String> TOKENS =
      Map.ofEntries(
          Map.entry("input", "input"),
          Map.entry("output", "output"),
          Map.entry("input-tokens", "input"),
          Map.entry("text-input-tokens", "input"),
          Map.entry("output-tokens", "output"),
          Map.entry("text-output-tokens", "output"),
          Map.entry("cache-read-input-token-count", "cacheRead"),
          Map.entry("cache-write-input-token-count", "cacheWrite.5m"),
          Map.entry("cache-write-5m-input-token-count", "cacheWrite.5m"),
          Map.entry("cache-write-30m-input-token-count", "cacheWrite.30m"),
          Map.entry("cache-write-1h-input-token-count", "cacheWrite.1h"),
          Map.entry("input-token-count", "input"),
          Map.entry("text-input-token-count", "input"),
          Map.entry("output-token-count", "output"),
          Map.entry("text-output-token-count", "output"),
          Map.entry("cached_read", "cacheRead"),
          Map.entry("cached_input", "cacheRead"),
          Map.entry("cache_writes", "cacheWrite.5m"),
          Map.entry("cache-read", "cacheRead"),
          Map.entry("cache_read", "cacheRead"),
          Map.entry("cache-write", "cacheWrite.5m"),
          Map.entry("cache_write", "cacheWrite.5m"),
          Map.entry("cache-write-1h", "cacheWrite.1h"),
          Map.entry("cache-write-30m", "cacheWrite.30m"),
          Map.entry("CacheReadInput", "cacheRead"),
          Map.entry("CacheWriteInput", "cacheWrite.5m"),
          Map.entry("CacheWrite5mInput", "cacheWrite.5m"),
          Map.entry("CacheWrite30mInput", "cacheWrite.30m"),
          Map.entry("CacheWrite1hInput", "cacheWrite.1h"),
          Map.entry("Input", "input"),
          Map.entry("Output", "output"));

  /** Reads a usage type; null if it is not one whose every word is known. */
  static @Nullable UsageType read(String text) {
    Matcher coded = REGION_CODE.matcher(text);
    if (!coded.matches()) {
      return null;
    }
    String rest = coded.group(1);
    if (rest.startsWith("MP:")) {
      int underscore = rest.indexOf('_');
      return underscore > 0 && rest.endsWith("-Units")
          ? market(rest.substring(underscore + 1, rest.length() - "-Units".length()))
          : null;
    }
    Matcher mantle = MANTLE.matcher(rest);
    if (mantle.matches()) {
      String lifetime = mantle.group(3) != null ? mantle.group(3) : mantle.group(4);
      if (lifetime != null && !mantle.group(2).equals("cache-write")) {
        return null;
      }
      return new UsageType(
          mantle.group(1),
          lifetime == null
              ? tokens(mantle.group(2))
              : new Meter("cacheWrite." + lifetime.substring(1)),
          mantle.group(6),
          mantle.group(5) == null ? null : PriceScope.GLOBAL,
          false,
          Endpoint.MANTLE,
          "");
    }
    Matcher guardrail = GUARDRAIL.matcher(rest);
    if (guardrail.matches()) {
      return guardrail(guardrail.group(1), guardrail.group(2));
    }
    Matcher provisioned = PROVISIONED.matcher(rest);
    if (provisioned.matches()) {
      return capacity(
          provisioned.group(1),
          "modelUnitHours[" + commitment(provisioned.group(3)) + "]",
          "provisioned",
          null,
          provisioned.group(2) == null ? "" : "custom-model");
    }
    return runtime(rest);
  }

  private static UsageType guardrail(String policy, @Nullable String kind) {
    String name = policy.substring(0, 1).toLowerCase(Locale.ROOT) + policy.substring(1);
    String suffix = kind == null || kind.equals("Paid") ? "" : kind;
    return new UsageType(
        CatalogLayers.GUARDRAILS,
        Meter.guardrailUnits(name + suffix),
        null,
        null,
        false,
        Endpoint.RUNTIME,
        "");
  }

  /**
   * Reads a dimension of an agreement offer's rate card, as {@code USE1_InputTokenCount_Global}:
   * what stands after the region in a usage type of the Marketplace.
   */
  static @Nullable UsageType ofOffer(String dimension) {
    return market(dimension);
  }

  private static @Nullable UsageType runtime(String rest) {
    for (String suffix : new String[] {"-search-units", "-searchunits"}) {
      if (rest.endsWith(suffix)) {
        return new UsageType(
            rest.substring(0, rest.length() - suffix.length()),
            Meter.SEARCH_UNITS,
            null,
            null,
            false,
            Endpoint.RUNTIME,
            "");
      }
    }
    Matcher runtime = RUNTIME.matcher(rest);
    if (!runtime.matches()) {
      return null;
    }
    String suffixes = runtime.group(4) + "-";
    String tier = runtime.group(2) == null ? null : "latency";
    for (String candidate : new String[] {"flex", "priority", "batch", "latency-optimized"}) {
      if (suffixes.contains("-" + candidate + "-")) {
        if (tier != null) {
          return null;
        }
        tier = candidate.startsWith("latency") ? "latency" : candidate;
      }
    }
    return new UsageType(
        runtime.group(1),
        tokens(runtime.group(3)),
        tier,
        suffixes.contains("-cross-region-global-") || suffixes.contains("-global-")
            ? PriceScope.GLOBAL
            : suffixes.contains("-cross-region-geo-") ? PriceScope.GEO : null,
        suffixes.contains("-long-context-"),
        Endpoint.RUNTIME,
        suffixes.contains("-custom-model-") ? "custom-model" : "");
  }

  private static @Nullable UsageType market(String dimension) {
    Matcher camel = MARKET_CAMEL.matcher(dimension);
    if (camel.matches()) {
      String suffixes = camel.group(2);
      String tier =
          suffixes.contains("_Batch")
              ? "batch"
              : suffixes.contains("_LatencyOptimized") ? "latency" : null;
      return token(
          tokens(camel.group(1)),
          tier,
          suffixes.contains("_Global") ? PriceScope.GLOBAL : null,
          false);
    }
    Matcher snake = MARKET_SNAKE.matcher(dimension);
    if (!snake.matches()) {
      snake = MARKET_SNAKE.matcher(dimension.replaceAll("_tokens_(5m|30m|1h)_", "_tokens_$1_"));
    }
    if (snake.matches()) {
      Meter meter =
          snake.group(2) == null
              ? tokens(snake.group(1))
              : new Meter("cacheWrite." + snake.group(2).substring(1));
      return token(
          meter,
          snake.group(5),
          snake.group(4) == null ? null : PriceScope.GLOBAL,
          snake.group(3) != null);
    }
    Matcher reserved = MARKET_RESERVED.matcher(dimension);
    if (reserved.matches()) {
      return capacity(
          null,
          reserved.group(2).toLowerCase(Locale.ROOT) + "TpmHours[" + reserved.group(1) + "_month]",
          "reserved",
          reserved.group(3).equals("Global") ? PriceScope.GLOBAL : null,
          "");
    }
    Matcher provisioned = MARKET_PROVISIONED.matcher(dimension);
    if (provisioned.matches()) {
      return capacity(
          null,
          "modelUnitHours[" + commitment(provisioned.group(1)) + "]",
          "provisioned",
          null,
          "");
    }
    return switch (dimension) {
      case "search_units" -> token(Meter.SEARCH_UNITS, null, null, false);
      case "created_image" -> token(new Meter("outputImages"), null, null, false);
      case "InputImageCount" -> token(new Meter("inputImages"), null, null, false);
      default -> null;
    };
  }

  private static UsageType token(
      Meter meter, @Nullable String tier, @Nullable PriceScope scope, boolean longContext) {
    return new UsageType(null, meter, tier, scope, longContext, Endpoint.RUNTIME, "");
  }

  private static UsageType capacity(
      @Nullable String model,
      String meter,
      String tier,
      @Nullable PriceScope scope,
      String variant) {
    return new UsageType(model, new Meter(meter), tier, scope, false, Endpoint.RUNTIME, variant);
  }

  private static String commitment(String text) {
    return text.equals("NoCommit") ? "none" : text.replace("MonthCommit", "_month");
  }

  private static Meter tokens(String word) {
    String known = TOKENS.get(word);
    if (known != null) {
      return new Meter(known);
    }
    String direction = word.contains("input") ? "input" : "output";
    String kind =
        word.contains("speech")
            ? "Speech"
            : word.contains("image") ? "Image" : word.contains("audio") ? "Audio" : "Video";
    return new Meter(direction + kind + "Tokens");
  }
}
