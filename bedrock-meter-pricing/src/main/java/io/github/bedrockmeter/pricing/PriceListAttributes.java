// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bedrockmeter.pricing.RateRow.Unit;
import io.github.bedrockmeter.usage.Meter;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the attributes of the Price List's products say. Stateless. */
final class PriceListAttributes {
  private static final String EDITION = " (Amazon Bedrock Edition)";

  private PriceListAttributes() {}

  /** The model's name in a product's name, or in a usage type; empty if neither has one. */
  static String displayName(String product, UsageType type) {
    if (product.endsWith(EDITION)) {
      return product.substring(0, product.length() - EDITION.length());
    }
    return type.model() == null ? "" : type.model();
  }

  static String displayName(JsonNode attributes, UsageType type) {
    String service = attributes.path("servicename").asText();
    if (service.endsWith(EDITION)) {
      return displayName(service, type);
    }
    String own =
        CatalogReader.optional(
            attributes, "model", CatalogReader.optional(attributes, "titanModel", ""));
    return own.isEmpty() && type.model() != null ? type.model() : own;
  }

  static boolean isModelId(String name) {
    return name.matches("[a-z0-9]+\\.[a-z0-9.:-]+");
  }

  static @Nullable String region(JsonNode attributes) {
    String code = attributes.path("regionCode").asText();
    return code.isEmpty() ? RegionNames.codeOf(attributes.path("location").asText()) : code;
  }

  /** Four places may state the tier; each may be empty. */
  static Set<String> tiers(JsonNode attributes, UsageType type) {
    Set<String> tiers = new TreeSet<>();
    String stated = type.tier();
    if (stated != null) {
      tiers.add(stated);
    }
    String service = attributes.path("service_tier").asText().toLowerCase(Locale.ROOT);
    if (!service.isEmpty()) {
      tiers.add(service.equals("default") ? "standard" : service);
    }
    if (attributes.path("feature").asText().replace(" ", "").equals("BatchInference")) {
      tiers.add("batch");
    }
    String inference = attributes.path("inferenceType").asText().toLowerCase(Locale.ROOT).strip();
    String last = inference.substring(inference.lastIndexOf(' ') + 1);
    if (Set.of("flex", "priority", "batch").contains(last)) {
      tiers.add(last);
    }
    return tiers;
  }

  /** AWS prints "1M TPM Hour" beside a price for 1,000 tokens a minute. */
  static @Nullable Unit unit(Meter meter, String text) {
    String kind = meter.kind();
    if (kind.endsWith("TpmHours")) {
      return text.toLowerCase(Locale.ROOT).endsWith("tpm hour") || text.equals("Units")
          ? Unit.THOUSAND_TPM_HOUR
          : null;
    }
    if (kind.equals("modelUnitHours")) {
      return Unit.MODEL_UNIT_HOUR;
    }
    if (kind.equals("guardrailUnits")) {
      return text.startsWith("1K") ? Unit.THOUSAND_TEXT_UNITS : Unit.REQUEST;
    }
    if (!meter.countsTokens()) {
      return kind.equals("searchUnits") ? Unit.QUERY : Unit.IMAGE;
    }
    return switch (text) {
      case "1K tokens" -> Unit.THOUSAND_TOKENS;
      case "1M tokens", "Units", "Units (1M tokens)" -> Unit.MILLION_TOKENS;
      default -> null;
    };
  }
}
