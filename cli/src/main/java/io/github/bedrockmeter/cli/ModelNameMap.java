// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.usage.ModelId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which profile each name stands for, and what a user should know about the choice. Immutable and
 * thread-safe.
 *
 * @param names the profiles by the names that callers use
 * @param notes sentences about profiles that have no name, or another one than expected
 */
record ModelNameMap(SortedMap<String, InferenceProfile> names, List<String> notes) {

  /** The rule of names, in words. */
  static final String RULE =
      "a value that one profile has is its name; where several have it, the model is added, and"
          + " where that is not enough the regions, or else the profile's id";

  private static final Comparator<InferenceProfile> OLDEST_FIRST =
      Comparator.comparing(
              InferenceProfile::created, Comparator.nullsLast(Comparator.<Instant>naturalOrder()))
          .thenComparing(InferenceProfile::arn);

  /** From the shortest name to one that no other profile has. */
  private static final List<Function<InferenceProfile, String>> SUFFIXES =
      List.of(
          profile -> "",
          profile -> "-" + model(profile),
          profile -> "-" + model(profile) + "-" + scope(profile),
          profile -> "-" + profile.id());

  /**
   * Names profiles by their tags.
   *
   * @param profiles with their tags
   * @param by the tags whose values make the name, joined by hyphens
   * @param region for messages
   */
  static ModelNameMap of(List<InferenceProfile> profiles, List<String> by, String region) {
    List<String> notes = new ArrayList<>();
    Map<String, List<InferenceProfile>> groups = new TreeMap<>();
    int untagged = 0;
    for (InferenceProfile profile : profiles) {
      String value = valueOf(profile, by);
      if (value.isEmpty()) {
        untagged++;
      } else if (!profile.isActive()) {
        notes.add(described(profile) + " is left out: its status is " + profile.status());
      } else if (ModelId.of(value).isArn()) {
        notes.add(described(profile) + " is left out: a name must not be an ARN: " + value);
      } else {
        groups.computeIfAbsent(value, key -> new ArrayList<>()).add(profile);
      }
    }
    if (untagged > 0) {
      notes.add(
          untagged
              + (untagged == 1 ? " profile is" : " profiles are")
              + " left out, without a value of "
              + String.join(" and ", by));
    }
    SortedMap<String, InferenceProfile> names = new TreeMap<>();
    groups.forEach((value, group) -> nameAll(value, group, by, names, notes));
    if (names.isEmpty()) {
      throw new CommandFailedException(noneFound(profiles, by, region));
    }
    return new ModelNameMap(names, List.copyOf(notes));
  }

  /** The values of the tags, joined; empty if one is missing or blank. */
  private static String valueOf(InferenceProfile profile, List<String> by) {
    List<String> values = new ArrayList<>();
    for (String tag : by) {
      String value = profile.sortedTags().get(tag);
      if (value == null || value.isBlank()) {
        return "";
      }
      values.add(value);
    }
    return String.join("-", values);
  }

  private static void nameAll(
      String value,
      List<InferenceProfile> group,
      List<String> by,
      SortedMap<String, InferenceProfile> names,
      List<String> notes) {
    List<InferenceProfile> distinct = withoutDuplicates(group, notes);
    Map<String, InferenceProfile> named = named(value, distinct);
    if (distinct.size() > 1) {
      notes.add(ambiguity(value, distinct, named, by));
    }
    named.forEach(
        (name, profile) -> {
          InferenceProfile other = names.putIfAbsent(name, profile);
          if (other != null) {
            throw new CommandFailedException(
                "the name '"
                    + Escaped.text(name)
                    + "' would stand for both "
                    + described(other)
                    + " and "
                    + described(profile)
                    + "; choose other tags with --by, as --by costCenter,environment");
          }
        });
  }

  /** Of profiles that differ in nothing but their name, the oldest. */
  private static List<InferenceProfile> withoutDuplicates(
      List<InferenceProfile> group, List<String> notes) {
    Map<List<Object>, InferenceProfile> distinct = new LinkedHashMap<>();
    for (InferenceProfile profile : group.stream().sorted(OLDEST_FIRST).toList()) {
      InferenceProfile first =
          distinct.putIfAbsent(List.of(profile.modelArns(), profile.ownTags()), profile);
      if (first != null) {
        notes.add(
            described(profile)
                + " is left out: it has the model, the regions and the tags of "
                + described(first)
                + ", which is older");
      }
    }
    return List.copyOf(distinct.values());
  }

  private static Map<String, InferenceProfile> named(String value, List<InferenceProfile> group) {
    Map<String, InferenceProfile> named = new TreeMap<>();
    for (Function<InferenceProfile, String> suffix : SUFFIXES) {
      named.clear();
      group.forEach(profile -> named.put(value + suffix.apply(profile), profile));
      if (named.size() == group.size()) {
        break;
      }
    }
    return named;
  }

  private static String ambiguity(
      String value,
      List<InferenceProfile> group,
      Map<String, InferenceProfile> named,
      List<String> by) {
    String names =
        named.entrySet().stream()
            .map(name -> "'" + Escaped.text(name.getKey()) + "' is " + described(name.getValue()))
            .collect(Collectors.joining(", "));
    TreeSet<String> others = differing(group);
    others.removeAll(by);
    return "'%s' is no name, since %d profiles have it: %s%s"
        .formatted(
            Escaped.text(value),
            group.size(),
            names,
            others.isEmpty()
                ? ""
                : "; they differ in "
                    + String.join(" and ", others)
                    + " too: --by "
                    + String.join(",", by)
                    + ","
                    + String.join(",", others)
                    + " makes names of both");
  }

  /** The tags in which profiles differ. */
  private static TreeSet<String> differing(List<InferenceProfile> group) {
    TreeSet<String> tags = new TreeSet<>();
    group.forEach(profile -> tags.addAll(profile.ownTags().keySet()));
    tags.removeIf(
        tag ->
            group.stream()
                    .map(profile -> Objects.toString(profile.ownTags().get(tag), ""))
                    .distinct()
                    .count()
                == 1);
    return tags;
  }

  private static String noneFound(List<InferenceProfile> profiles, List<String> by, String region) {
    TreeSet<String> tags = new TreeSet<>();
    profiles.forEach(profile -> tags.addAll(profile.ownTags().keySet()));
    String unknown = by.stream().filter(tag -> !tags.contains(tag)).findFirst().orElse(by.get(0));
    return "none of the %d application inference profiles in %s can be named by %s%s%s"
        .formatted(
            profiles.size(),
            region,
            String.join(" and ", by),
            NearestName.hint(unknown, tags),
            tags.isEmpty() ? "" : "; their tags are " + String.join(", ", tags));
  }

  private static String described(InferenceProfile profile) {
    return Escaped.text(profile.name()) + " (" + profile.id() + ")";
  }

  /** The model without its maker: {@code claude-sonnet-4-6}. */
  private static String model(InferenceProfile profile) {
    String ids = String.join("-", profile.models());
    return ProfileNames.words(ids.substring(ids.indexOf('.') + 1));
  }

  /** {@code global}, a region, or what several regions begin with: {@code eu}. */
  private static String scope(InferenceProfile profile) {
    List<String> regions = profile.regions();
    if (regions.contains("global")) {
      return "global";
    }
    return regions.size() == 1
        ? regions.get(0)
        : regions.stream()
            .map(region -> region.substring(0, Math.max(0, region.indexOf('-'))))
            .distinct()
            .collect(Collectors.joining("-"));
  }
}
