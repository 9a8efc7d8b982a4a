// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a call names as its model, read by Bedrock's grammar: a model id, the id of a cross-region
 * profile, or an ARN. The one place that takes ids apart. Immutable and thread-safe.
 *
 * <pre>{@code
 * ModelId id = ModelId.of("us.anthropic.claude-sonnet-4-5-20250929-v1:0");
 * id.baseId();    // anthropic.claude-sonnet-4-5-20250929-v1:0
 * id.provider();  // anthropic
 * id.geography(); // us
 * }</pre>
 *
 * <p>Every text can be read; what is not an ARN is taken for a model id. Two ids are equal if they
 * have the same text and were read alike.
 */
public final class ModelId {
  /** Read lately, by hash. Threads may overwrite each other's entries, which are immutable. */
  private static final @Nullable ModelId[] RECENT = new ModelId[256];

  private static final String ARN = "arn:";
  private static final String GLOBAL = "global";
  private static final String ANTHROPICS_OWN_NAMES = "claude-";

  private final Kind kind;
  private final String text;
  private final String baseId;
  private final @Nullable String provider;
  private final @Nullable String geography;
  private final @Nullable String region;

  private ModelId(
      Kind kind,
      String text,
      String baseId,
      @Nullable String provider,
      @Nullable String geography,
      @Nullable String region) {
    this.kind = kind;
    this.text = text;
    this.baseId = baseId;
    this.provider = provider;
    this.geography = geography;
    this.region = region;
  }

  /** Reads an id by the standard grammar. Cheap enough to be asked several times a call. */
  public static ModelId of(String id) {
    int hash = id.hashCode();
    int slot = (hash ^ (hash >>> 16)) & (RECENT.length - 1);
    ModelId recent = RECENT[slot];
    if (recent != null && recent.text.equals(id)) {
      return recent;
    }
    ModelId read = Grammar.STANDARD.read(id);
    RECENT[slot] = read;
    return read;
  }

  /**
   * Reads the name by which a response calls its model. Anthropic's responses leave out the
   * provider: {@code claude-haiku-4-5-20251001}.
   */
  public static ModelId ofResponse(String name) {
    return of(name.startsWith(ANTHROPICS_OWN_NAMES) ? "anthropic." + name : name);
  }

  /** What the id names. */
  public Kind kind() {
    return kind;
  }

  /** The id as it was given, without URL encoding. */
  public String text() {
    return text;
  }

  /**
   * The foundation model's own id, such as {@code anthropic.claude-sonnet-4-6}: no ARN, no
   * geography, no context window. The whole {@link #text} if the id does not name its model.
   */
  public String baseId() {
    return baseId;
  }

  /** Who makes the model, such as {@code anthropic}; null if the id does not say. */
  public @Nullable String provider() {
    return provider;
  }

  /**
   * The prefix of a cross-region profile, such as {@code us}, {@code eu}, {@code apac} or {@code
   * global}; null for a model that is called in one region.
   */
  public @Nullable String geography() {
    return geography;
  }

  /** The region inside an ARN; null if there is none. */
  public @Nullable String region() {
    return region;
  }

  /** Whether the id is an ARN. */
  public boolean isArn() {
    return text.startsWith(ARN);
  }

  /**
   * The part of an ARN after its last slash, such as the id of a profile; any other id as it is.
   * CloudWatch and Service Quotas know the model by this name.
   */
  public String shortName() {
    return isArn() ? text.substring(text.lastIndexOf('/') + 1) : text;
  }

  /** Whether only the AWS account knows which model is behind this id. */
  public boolean isOpaque() {
    return switch (kind) {
      case APPLICATION_PROFILE, CUSTOM_DEPLOYMENT, PROMPT, PROMPT_ROUTER -> true;
      case MODEL, PROVISIONED, CUSTOM_MODEL, IMPORTED, MARKETPLACE_ENDPOINT, GUARDRAIL, OTHER ->
          false;
    };
  }

  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof ModelId that
        && text.equals(that.text)
        && baseId.equals(that.baseId)
        && Objects.equals(geography, that.geography);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }

  /** What an id can name. */
  public enum Kind {
    /** A foundation model, or a cross-region profile of one that AWS defines. */
    MODEL,
    /** An application inference profile. Opaque: the control plane knows its model. */
    APPLICATION_PROFILE,
    /** Provisioned throughput, paid by the hour. */
    PROVISIONED,
    /** A fine-tuned model. */
    CUSTOM_MODEL,
    /** An on-demand deployment of a fine-tuned model. Opaque. */
    CUSTOM_DEPLOYMENT,
    /** An imported model, paid by the minute for each active copy. */
    IMPORTED,
    /** A stored prompt, which holds its model. Opaque. */
    PROMPT,
    /** A prompt router. Opaque: the response names the model that answered. */
    PROMPT_ROUTER,
    /** A SageMaker endpoint of a Marketplace model, which Bedrock does not bill. */
    MARKETPLACE_ENDPOINT,
    /** A guardrail, charged by text units. */
    GUARDRAIL,
    /** Something that cannot be invoked, such as the ARN of an asynchronous invocation. */
    OTHER
  }

  /**
   * Reads ids, given the geographies and providers that are known. Immutable and thread-safe.
   *
   * <p>What stands before the first dot is not always a geography: {@code deepseek.v3.2} and {@code
   * zai.glm-4.7-flash} have dots of their own. It is one if it is a known geography, or if a known
   * provider follows it: AWS adds geographies.
   */
  public static final class Grammar {
    private static final Grammar STANDARD =
        new Grammar(
            Set.of("us", "us-gov", "eu", "apac", "jp", "au", "in", "ca", "sa", GLOBAL),
            Set.of(
                "ai21",
                "amazon",
                "anthropic",
                "cohere",
                "deepseek",
                "google",
                "luma",
                "meta",
                "minimax",
                "mistral",
                "moonshot",
                "moonshotai",
                "nvidia",
                "openai",
                "qwen",
                "stability",
                "twelvelabs",
                "writer",
                "xai",
                "zai"));

    private final Set<String> geographies;
    private final Set<String> providers;

    private Grammar(Set<String> geographies, Set<String> providers) {
      this.geographies = Set.copyOf(geographies);
      this.providers = Set.copyOf(providers);
    }

    /** The grammar of {@link ModelId#of}. */
    public static Grammar standard() {
      return STANDARD;
    }

    /** This grammar with more geographies, such as {@code mx}, and more providers. */
    public Grammar with(Set<String> moreGeographies, Set<String> moreProviders) {
      Set<String> allGeographies = new HashSet<>(geographies);
      allGeographies.addAll(moreGeographies);
      Set<String> allProviders = new HashSet<>(providers);
      allProviders.addAll(moreProviders);
      return new Grammar(allGeographies, allProviders);
    }

    /** Reads an id. */
    public ModelId read(String id) {
      String text = decoded(id.strip());
      if (text.startsWith(ARN)) {
        return arn(text);
      }
      int slash = text.indexOf('/');
      return slash > 0
          ? customModel(text, text.substring(0, slash), null)
          : model(text, text, null, null);
    }

    private static String decoded(String text) {
      if (text.indexOf('%') < 0) {
        return text;
      }
      try {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException notEncoded) {
        return text;
      }
    }

    private ModelId arn(String text) {
      // arn:partition:service:region:account:resource
      String[] parts = text.split(":", 6);
      if (parts.length < 6) {
        return opaque(Kind.OTHER, text, null);
      }
      String region = parts[3].isEmpty() ? null : parts[3];
      if (parts[2].equals("sagemaker")) {
        return opaque(Kind.MARKETPLACE_ENDPOINT, text, region);
      }
      int slash = parts[5].indexOf('/');
      if (!parts[2].equals("bedrock") || slash < 0) {
        return opaque(Kind.OTHER, text, region);
      }
      String name = parts[5].substring(slash + 1);
      return switch (parts[5].substring(0, slash)) {
        // A model inside a global profile has no region.
        case "foundation-model" -> model(text, name, region == null ? GLOBAL : null, region);
        case "inference-profile" -> model(text, name, null, region);
        case "application-inference-profile" -> opaque(Kind.APPLICATION_PROFILE, text, region);
        case "provisioned-model" -> opaque(Kind.PROVISIONED, text, region);
        case "custom-model" ->
            customModel(text, name.substring(0, endOr(name.indexOf('/'), name)), region);
        case "custom-model-deployment" -> opaque(Kind.CUSTOM_DEPLOYMENT, text, region);
        case "imported-model" -> opaque(Kind.IMPORTED, text, region);
        case "prompt" -> opaque(Kind.PROMPT, text, region);
        case "prompt-router" -> opaque(Kind.PROMPT_ROUTER, text, region);
        // Routers of AWS's own are named by the models they choose from: anthropic.claude:1.
        case "default-prompt-router" ->
            new ModelId(Kind.PROMPT_ROUTER, text, text, providerOf(name), null, region);
        case "guardrail", "guardrail-profile" -> opaque(Kind.GUARDRAIL, text, region);
        default -> opaque(Kind.OTHER, text, region);
      };
    }

    private static int endOr(int index, String text) {
      return index < 0 ? text.length() : index;
    }

    private static ModelId opaque(Kind kind, String text, @Nullable String region) {
      return new ModelId(kind, text, text, null, null, region);
    }

    /** {@code <base model>/<own id>}, or {@code imported/<own id>}. */
    private ModelId customModel(String text, String base, @Nullable String region) {
      if (base.equals("imported")) {
        return opaque(Kind.IMPORTED, text, region);
      }
      ModelId model = model(text, base, null, region);
      return new ModelId(Kind.CUSTOM_MODEL, text, model.baseId, model.provider, null, region);
    }

    private ModelId model(
        String text, String name, @Nullable String geography, @Nullable String region) {
      String id = name.substring(0, contextSuffix(name));
      int dot = id.indexOf('.');
      int nextDot = id.indexOf('.', dot + 1);
      if (dot > 0 && nextDot > 0) {
        String prefix = id.substring(0, dot);
        if (geographies.contains(prefix)
            || (providers.contains(id.substring(dot + 1, nextDot))
                && !providers.contains(prefix)
                && looksLikeGeography(prefix))) {
          id = id.substring(dot + 1);
          geography = geography == null ? prefix : geography;
        }
      }
      return new ModelId(Kind.MODEL, text, id, providerOf(id), geography, region);
    }

    private static @Nullable String providerOf(String id) {
      int dot = id.indexOf('.');
      return dot > 0 ? id.substring(0, dot) : null;
    }

    /**
     * Where the context window of a provisioned model begins, such as {@code :200k} in {@code
     * anthropic.claude-v2:1:200k}; the end of the id if there is none.
     */
    private static int contextSuffix(String id) {
      int end = id.length();
      int colon = id.lastIndexOf(':');
      while (colon > 0 && isContext(id, colon + 1, end)) {
        end = colon;
        colon = id.lastIndexOf(':', end - 1);
      }
      return end;
    }

    /** {@code 48k}, {@code 1m}, {@code mm}, or a number too long for a version: {@code 512}. */
    private static boolean isContext(String id, int start, int end) {
      if (end - start == 2 && id.startsWith("mm", start)) {
        return true;
      }
      int digits = start;
      while (digits < end && id.charAt(digits) >= '0' && id.charAt(digits) <= '9') {
        digits++;
      }
      if (digits == end) {
        return end - start >= 3;
      }
      char unit = id.charAt(digits);
      return digits > start && digits == end - 1 && (unit == 'k' || unit == 'm');
    }

    /** Two to six letters, then perhaps a hyphen and two to four letters. */
    private static boolean looksLikeGeography(String prefix) {
      int hyphen = endOr(prefix.indexOf('-'), prefix);
      return hasLetters(prefix, 0, hyphen, 2, 6)
          && (hyphen == prefix.length() || hasLetters(prefix, hyphen + 1, prefix.length(), 2, 4));
    }

    private static boolean hasLetters(String text, int start, int end, int least, int most) {
      for (int i = start; i < end; i++) {
        if (text.charAt(i) < 'a' || text.charAt(i) > 'z') {
          return false;
        }
      }
      return end - start >= least && end - start <= most;
    }
  }
}
