// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.budget.BudgetPolicy;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.internal.budgets.TagRules;
import io.github.bedrockmeter.internal.request.RequestStamp;
import io.github.bedrockmeter.internal.request.TagSources;
import io.github.bedrockmeter.internal.text.Escaped;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/** What a meter's builder is given about tags and metadata. Mutable, confined to one thread. */
public final class TagSettings {
  private final Map<String, TagRules.Rule> rules = new LinkedHashMap<>();
  private final Set<String> declared = new LinkedHashSet<>();
  private Tags defaults = Tags.none();
  private Supplier<Tags> surroundings = Tags::none;
  private boolean metadataFirst;
  private boolean stampTags = true;
  private boolean stampCallId = true;

  /** Tags of every call that has no other value for them. */
  public void defaults(Tags tags) {
    this.defaults = Objects.requireNonNull(tags, "tags");
  }

  /** Tags that a framework knows at the time of a call; what fails there is logged, as no tags. */
  public void surroundings(Supplier<Tags> source) {
    this.surroundings = new SurroundingTags(source);
  }

  /** A required tag, or one whose values are limited; a tag has one rule. */
  public void rule(String name, boolean required, String... allowed) {
    if (!required && allowed.length == 0) {
      throw new IllegalArgumentException(
          "an optional tag with any value needs no rule; give '"
              + Escaped.text(name)
              + "' its allowed values");
    }
    checkName(name);
    Set<String> values = new LinkedHashSet<>(Arrays.asList(allowed));
    if (rules.putIfAbsent(name, new TagRules.Rule(required, values)) != null) {
      throw new IllegalArgumentException("tag '" + Escaped.text(name) + "' has a rule already");
    }
  }

  /** Names that are read from a request's own metadata. */
  public void declare(String... names) {
    for (String name : names) {
      checkName(name);
      declared.add(name);
    }
  }

  private static void checkName(String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a tag's name must not be blank");
    }
  }

  /** Whether the request's own metadata wins over the application's tags. */
  public void metadataFirst(boolean first) {
    this.metadataFirst = first;
  }

  /** Whether tags are written into the request's metadata. */
  public void stampTags(boolean stamp) {
    this.stampTags = stamp;
  }

  /** Whether the call's id is written into the request's metadata. */
  public void stampCallId(boolean stamp) {
    this.stampCallId = stamp;
  }

  /** The rules as a policy; none if there are no rules. */
  public List<BudgetPolicy> policy() {
    return rules.isEmpty() ? List.of() : List.of(new TagRules(rules));
  }

  /** Where tags come from; a tag with a rule is declared by it. */
  public TagSources sources() {
    Set<String> names = new LinkedHashSet<>(declared);
    names.addAll(rules.keySet());
    return new TagSources(names, metadataFirst, surroundings, defaults);
  }

  /** What is written into the request's metadata. */
  public RequestStamp stamp() {
    return new RequestStamp(stampTags, stampCallId);
  }
}
