// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

import io.github.bedrockmeter.internal.text.Escaped;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which model each of your own names and ARNs stands for. Build it once, and give it to the meter,
 * the price catalogue and the service quotas. Immutable and thread-safe.
 *
 * <pre>{@code
 * ModelAliases aliases = ModelAliases.none()
 *     .with("support", PROFILE_ARN)                            // callers may ask for "support"
 *     .with(PROFILE_ARN, "eu.anthropic.claude-sonnet-4-6");    // priced as this model
 * BedrockMeter.builder().modelAliases(aliases)
 *     .prices(PriceCatalog.builder().aliases(aliases).build())
 *     .policy(ServiceQuotas.builder().aliases(aliases).model(...).build());
 * }</pre>
 *
 * <p>An alias may stand for another alias. The meter replaces names before a call is sent, and
 * leaves ARNs as they are, since Bedrock knows those. Prices and quotas follow both to the model.
 */
public final class ModelAliases {
  private static final ModelAliases NONE = new ModelAliases(Map.of());

  private final Map<String, String> aliases;

  private ModelAliases(Map<String, String> aliases) {
    this.aliases = Map.copyOf(aliases);
  }

  /** No aliases. */
  public static ModelAliases none() {
    return NONE;
  }

  /**
   * The aliases of a map, such as one from a configuration file.
   *
   * @param aliases from a name or an ARN to a model id, a profile id, an ARN or another alias
   * @throws IllegalArgumentException if one is blank or leads back to itself
   */
  public static ModelAliases of(Map<String, String> aliases) {
    ModelAliases all = NONE;
    for (Map.Entry<String, String> alias : aliases.entrySet()) {
      all = all.with(alias.getKey(), alias.getValue());
    }
    return all;
  }

  /**
   * These aliases and one more.
   *
   * @param name a name of your own, or an ARN that does not show its model
   * @param modelOrArn a model id, a profile id, an ARN or another alias
   * @throws IllegalArgumentException if either is blank, if the name already stands for something
   *     else, or if the alias would lead back to itself
   */
  public ModelAliases with(String name, String modelOrArn) {
    if (name.isBlank() || modelOrArn.isBlank()) {
      throw new IllegalArgumentException(
          "alias '"
              + Escaped.text(name)
              + "' stands for '"
              + Escaped.text(modelOrArn)
              + "'; neither may be blank");
    }
    String known = aliases.getOrDefault(name, modelOrArn);
    if (!known.equals(modelOrArn)) {
      throw new IllegalArgumentException(
          "alias '%s' stands for both '%s' and '%s'".formatted(name, known, modelOrArn));
    }
    if (modelOf(modelOrArn).equals(name)) {
      throw new IllegalArgumentException(
          "alias '%s' stands for '%s', which leads in a circle".formatted(name, modelOrArn));
    }
    Map<String, String> more = new HashMap<>(aliases);
    more.put(name, modelOrArn);
    return new ModelAliases(more);
  }

  /** These aliases and those of another value; the conditions of {@link #with} hold. */
  public ModelAliases plus(ModelAliases that) {
    ModelAliases all = this;
    for (Map.Entry<String, String> alias : that.aliases.entrySet()) {
      all = all.with(alias.getKey(), alias.getValue());
    }
    return all;
  }

  /** What an id stands for in the end; the id itself if it is no alias. */
  public String modelOf(String id) {
    String model = id;
    String next = aliases.get(model);
    while (next != null) {
      model = next;
      next = aliases.get(model);
    }
    return model;
  }

  /**
   * Each name and the id that Bedrock is called with for it: the first ARN or model id that the
   * name leads to. ARNs are not among the names.
   */
  public Map<String, String> calledAs() {
    Map<String, String> called = new HashMap<>();
    for (String name : aliases.keySet()) {
      if (!ModelId.of(name).isArn()) {
        called.put(name, calledAs(name));
      }
    }
    return Map.copyOf(called);
  }

  private String calledAs(String name) {
    String id = name;
    String next = aliases.get(id);
    while (next != null && !ModelId.of(id).isArn()) {
      id = next;
      next = aliases.get(id);
    }
    return id;
  }

  /** Every alias and what it directly stands for. */
  public Map<String, String> asMap() {
    return aliases;
  }

  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof ModelAliases that && aliases.equals(that.aliases);
  }

  @Override
  public int hashCode() {
    return aliases.hashCode();
  }

  @Override
  public String toString() {
    return aliases.toString();
  }
}
