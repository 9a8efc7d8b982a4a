// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.pricing.ModelId.Kind;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads Bedrock's id grammar: model ids, profile ids and every ARN a call can carry. Thread-safe.
 *
 * <p>A profile prefix is one of a closed set that comes with the catalogue. "The part before the
 * first dot" would not do: {@code deepseek.v3.2} and {@code zai.glm-4.7-flash} have dots of their
 * own.
 */
final class IdGrammar {
  private static final Logger LOG = LoggerFactory.getLogger(PriceCatalog.class);
  private static final Pattern CONTEXT_SUFFIX = Pattern.compile("(?::(?:[0-9]+k|mm|[0-9]{3,}))+$");
  private static final Pattern NEW_PREFIX = Pattern.compile("[a-z]{2,6}(?:-[a-z]{2,4})?");

  private final Map<String, Scope> prefixes;
  private final Set<String> providers;
  private final Set<String> warnedPrefixes = ConcurrentHashMap.newKeySet();

  IdGrammar(Map<String, Scope> prefixes, Set<String> providers) {
    this.prefixes = Map.copyOf(prefixes);
    this.providers = Set.copyOf(providers);
  }

  ModelId read(String id) {
    String text = id.strip();
    if (text.indexOf('%') >= 0) {
      text = decoded(text);
    }
    if (text.startsWith("arn:")) {
      return arn(text);
    }
    int slash = text.indexOf('/');
    return slash > 0 ? customised(text, slash, null) : model(text, null);
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notEncoded) {
      return text;
    }
  }

  private ModelId arn(String text) {
    String[] parts = text.split(":", 6);
    if (parts.length < 6) {
      return new ModelId(Kind.OTHER, text, Scope.IN_REGION, null);
    }
    String region = parts[3].isEmpty() ? null : parts[3];
    if (parts[2].equals("sagemaker")) {
      return new ModelId(Kind.MARKETPLACE_ENDPOINT, text, Scope.IN_REGION, region);
    }
    int slash = parts[5].indexOf('/');
    if (!parts[2].equals("bedrock") || slash < 0) {
      return new ModelId(Kind.OTHER, text, Scope.IN_REGION, region);
    }
    String resource = parts[5].substring(slash + 1);
    return switch (parts[5].substring(0, slash)) {
      case "foundation-model" -> foundationModel(resource, region);
      case "inference-profile" -> model(resource, region);
      case "application-inference-profile" -> opaque(Kind.APPLICATION_PROFILE, text, region);
      case "provisioned-model" -> opaque(Kind.PROVISIONED, text, region);
      case "custom-model" -> customised(resource, resource.indexOf('/'), region);
      case "custom-model-deployment" -> opaque(Kind.CUSTOM_DEPLOYMENT, text, region);
      case "imported-model" -> opaque(Kind.IMPORTED, text, region);
      case "prompt" -> opaque(Kind.PROMPT, text, region);
      case "prompt-router", "default-prompt-router" -> opaque(Kind.PROMPT_ROUTER, text, region);
      case "guardrail", "guardrail-profile" -> opaque(Kind.GUARDRAIL, text, region);
      default -> opaque(Kind.OTHER, text, region);
    };
  }

  private static ModelId opaque(Kind kind, String arn, @Nullable String region) {
    return new ModelId(kind, arn, Scope.IN_REGION, region);
  }

  /** The ARN of a model inside a global profile has an empty region. */
  private ModelId foundationModel(String resource, @Nullable String region) {
    ModelId model = model(resource, region);
    return region == null ? new ModelId(model.kind(), model.name(), Scope.GLOBAL, null) : model;
  }

  /** {@code <base model>/<own id>}, or {@code imported/<own id>}. */
  private ModelId customised(String resource, int slash, @Nullable String region) {
    String base = slash < 0 ? resource : resource.substring(0, slash);
    if (base.equals("imported")) {
      return new ModelId(Kind.IMPORTED, resource, Scope.IN_REGION, region);
    }
    return new ModelId(Kind.CUSTOM_MODEL, model(base, region).name(), Scope.IN_REGION, region);
  }

  private ModelId model(String text, @Nullable String region) {
    Matcher suffix = CONTEXT_SUFFIX.matcher(text);
    String id = suffix.find() ? text.substring(0, suffix.start()) : text;
    int dot = id.indexOf('.');
    int nextDot = id.indexOf('.', dot + 1);
    if (dot > 0 && nextDot > 0) {
      String prefix = id.substring(0, dot);
      String provider = id.substring(dot + 1, nextDot);
      Scope scope = prefixes.get(prefix);
      if (scope == null
          && providers.contains(provider)
          && !providers.contains(prefix)
          && NEW_PREFIX.matcher(prefix).matches()) {
        scope = Scope.GEO;
        if (warnedPrefixes.size() < 100 && warnedPrefixes.add(prefix)) {
          LOG.warn(
              "Profile prefix '{}.' is new to this price catalogue; '{}' is priced as a geographic"
                  + " profile. Update the catalogue, or map the id with alias(..).",
              prefix,
              id);
        }
      }
      if (scope != null) {
        return new ModelId(Kind.MODEL, id.substring(dot + 1), scope, region);
      }
    }
    return new ModelId(Kind.MODEL, id, Scope.IN_REGION, region);
  }
}
