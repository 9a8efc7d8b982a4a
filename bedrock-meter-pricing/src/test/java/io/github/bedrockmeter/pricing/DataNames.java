// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.usage.Meter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The names of the price data folder, and of price vectors, in our own words. */
final class DataNames {
  private static final Map<String, String> METERS =
      Map.ofEntries(
          Map.entry("input", "input"),
          Map.entry("output", "output"),
          Map.entry("input_tokens", "input"),
          Map.entry("output_tokens", "output"),
          Map.entry("cache_read", "cacheRead"),
          Map.entry("cache_write", "cacheWrite.5m"),
          Map.entry("cache_write_5m", "cacheWrite.5m"),
          Map.entry("cache_write_30m", "cacheWrite.30m"),
          Map.entry("cache_write_1h", "cacheWrite.1h"),
          Map.entry("train_tokens", "trainingTokens"),
          Map.entry("training_hour", "trainingHours"),
          Map.entry("storage", "storageMonths"),
          Map.entry("custom_model_storage", "storageMonths"),
          Map.entry("cmu_minute", "cmuMinutes"),
          Map.entry("search_units", "searchUnits"),
          Map.entry("grounding_requests", "requests.grounding"),
          Map.entry("generate_sql", "requests.generateSql"),
          Map.entry("node_transitions", "requests.flowTransition"),
          Map.entry("requests", "requests"),
          Map.entry("content_filters_text", "guardrailUnits.contentPolicy"),
          Map.entry("denied_topics", "guardrailUnits.topicPolicy"),
          Map.entry("sensitive_information", "guardrailUnits.sensitiveInformationPolicy"),
          Map.entry("contextual_grounding", "guardrailUnits.contextualGroundingPolicy"),
          Map.entry("automated_reasoning", "guardrailUnits.automatedReasoningPolicy"),
          Map.entry("content_filters_image", "guardrailUnits.contentPolicyImage"),
          Map.entry("word_filters_and_regex", "guardrailUnits.wordPolicy"));

  /** Meters whose price depends on attributes, and the fields that hold them. */
  private static final Map<String, String> CLASSED =
      Map.ofEntries(
          Map.entry("output_images", "outputImages"),
          Map.entry("input_images", "inputImages"),
          Map.entry("output_video", "outputVideoSeconds"),
          Map.entry("input_video", "inputVideoSeconds"),
          Map.entry("input_audio", "inputAudioSeconds"),
          Map.entry("output_audio", "outputAudioSeconds"),
          Map.entry("model_unit_hour", "modelUnitHours"),
          Map.entry("provisioned_throughput", "modelUnitHours"),
          Map.entry("input_tpm_hour", "inputTpmHours"),
          Map.entry("output_tpm_hour", "outputTpmHours"));

  private DataNames() {}

  /** The meter a name and the attributes beside it stand for. */
  static Meter meter(String name, JsonNode attributes) {
    String plain = METERS.get(name);
    if (plain != null) {
      return new Meter(plain);
    }
    if (name.endsWith("_token") || name.endsWith("_tokens")) {
      return new Meter(camel(name.replaceAll("_tokens?$", "_tokens")));
    }
    String classed = CLASSED.get(name);
    if (classed == null) {
      return new Meter(name);
    }
    List<String> parts = new ArrayList<>();
    if (attributes.hasNonNull("resolution")) {
      parts.add(resolution(attributes.path("resolution").asText()));
    }
    if (attributes.hasNonNull("quality")) {
      parts.add(attributes.path("quality").asText());
    } else if (attributes.hasNonNull("steps")) {
      parts.add(attributes.path("steps").asText().startsWith("max") ? "premium" : "standard");
    }
    if (attributes.hasNonNull("commitment")) {
      parts.add(
          attributes
              .path("commitment")
              .asText()
              .replace("-month-commitment", "_month")
              .replace("-", "_"));
    }
    return new Meter(parts.isEmpty() ? classed : classed + "[" + String.join(",", parts) + "]");
  }

  private static String resolution(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.contains("larger") || lower.startsWith("max")) {
      return "1024"; // the class above 512, as core counts such images
    }
    return List.of("2048", "1024", "512", "720p", "540p", "1080p").stream()
        .filter(lower::contains)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("unknown resolution '" + text + "'"));
  }

  private static String camel(String name) {
    StringBuilder camel = new StringBuilder();
    for (String part : name.split("_", -1)) {
      camel.append(
          camel.isEmpty()
              ? part
              : part.substring(0, 1).toUpperCase(Locale.ROOT) + part.substring(1));
    }
    return camel.toString();
  }
}
