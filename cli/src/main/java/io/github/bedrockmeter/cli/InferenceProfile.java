// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.usage.ModelId;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.bedrock.model.InferenceProfileSummary;
import software.amazon.awssdk.services.bedrock.model.InferenceProfileType;

/**
 * An inference profile as Bedrock lists it. Immutable and thread-safe.
 *
 * @param status as Bedrock names it: {@code ACTIVE}
 * @param modelArns its model, once for each region that it may run in, sorted
 * @param created null if Bedrock does not say
 * @param tags null if they were not asked for
 */
record InferenceProfile(
    String id,
    String arn,
    String name,
    boolean isSystem,
    String status,
    List<String> modelArns,
    @Nullable Instant created,
    @Nullable Map<String, String> tags) {

  /** Those of the account before those of AWS, each by name. */
  static final Comparator<InferenceProfile> ORDER =
      Comparator.comparing(InferenceProfile::isSystem)
          .thenComparing(InferenceProfile::name)
          .thenComparing(InferenceProfile::id);

  static InferenceProfile of(InferenceProfileSummary summary) {
    return new InferenceProfile(
        summary.inferenceProfileId(),
        summary.inferenceProfileArn(),
        summary.inferenceProfileName(),
        summary.type() == InferenceProfileType.SYSTEM_DEFINED,
        Objects.toString(summary.statusAsString(), "?"),
        summary.models().stream().map(model -> model.modelArn()).sorted().distinct().toList(),
        summary.createdAt(),
        null);
  }

  InferenceProfile withTags(Map<String, String> tags) {
    return new InferenceProfile(id, arn, name, isSystem, status, modelArns, created, tags);
  }

  boolean isActive() {
    return status.equals("ACTIVE");
  }

  /** The models' own ids, sorted; one as a rule. */
  List<String> models() {
    return modelsOf(modelArns);
  }

  static List<String> modelsOf(List<String> modelArns) {
    return modelArns.stream().map(arn -> ModelId.of(arn).baseId()).distinct().sorted().toList();
  }

  /** Where its calls may run, sorted; {@code global} for anywhere. */
  List<String> regions() {
    return regionsOf(modelArns);
  }

  static List<String> regionsOf(List<String> modelArns) {
    TreeSet<String> regions = new TreeSet<>();
    for (String arn : modelArns) {
      String region = ModelId.of(arn).region();
      regions.add(region == null ? "global" : region);
    }
    return List.copyOf(regions);
  }

  /** Its tags, by name; none if they were not asked for. */
  Map<String, String> sortedTags() {
    return tags == null ? new TreeMap<>() : new TreeMap<>(tags);
  }

  /** The tags without those that AWS sets itself, such as {@code aws:cloudformation:stack-id}. */
  Map<String, String> ownTags() {
    Map<String, String> own = sortedTags();
    own.keySet().removeIf(ProfileTags::isReserved);
    return own;
  }
}
