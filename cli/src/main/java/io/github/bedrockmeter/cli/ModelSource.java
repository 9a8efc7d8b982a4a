// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.usage.ModelId;
import java.util.List;
import java.util.TreeSet;
import software.amazon.awssdk.services.bedrock.model.FoundationModelDetails;
import software.amazon.awssdk.services.bedrock.model.GetInferenceProfileResponse;
import software.amazon.awssdk.services.bedrock.model.InferenceProfileType;
import software.amazon.awssdk.services.bedrock.model.InferenceType;

/**
 * What a new profile is copied from: a foundation model, or one of AWS's profiles. Immutable and
 * thread-safe.
 *
 * @param id the model's or the profile's id, without an ARN
 * @param modelArns the models that the new profile will have, sorted
 */
record ModelSource(String id, String arn, List<String> modelArns) {

  /**
   * Looks up what a user names as the model.
   *
   * @param model a model id, the id of a system profile, or an ARN of either
   * @throws IllegalArgumentException if it can be neither
   */
  static ModelSource of(String model, ControlPlane bedrock) {
    ModelId id = ModelId.of(model);
    refuseOthers(id, bedrock.region());
    boolean isProfile = id.isArn() ? model.contains(":inference-profile/") : id.geography() != null;
    return isProfile ? systemProfile(id, bedrock) : foundationModel(id, bedrock);
  }

  private static void refuseOthers(ModelId id, String region) {
    if (id.kind() == ModelId.Kind.APPLICATION_PROFILE) {
      throw new IllegalArgumentException(
          "an application inference profile cannot be copied: "
              + quoted(id)
              + "; name its model, as eu.anthropic.claude-sonnet-4-6");
    }
    if (id.kind() != ModelId.Kind.MODEL || id.provider() == null) {
      throw new IllegalArgumentException(
          "--model must be a model id, the id of a system profile, or an ARN of either, as"
              + " amazon.nova-lite-v1:0 or eu.anthropic.claude-sonnet-4-6: "
              + quoted(id));
    }
    if (id.isArn() && id.region() == null) {
      throw new IllegalArgumentException(
          "--model has an ARN without a region, which is a part of a global profile: "
              + quoted(id)
              + "; name the profile, as global."
              + id.baseId());
    }
    if (id.isArn() && !region.equals(id.region())) {
      throw new IllegalArgumentException(
          "--model is in %s, but the profile would be made in %s: %s; add --region %s"
              .formatted(id.region(), region, quoted(id), id.region()));
    }
  }

  private static ModelSource systemProfile(ModelId id, ControlPlane bedrock) {
    GetInferenceProfileResponse found =
        bedrock.profile(id.text()).orElseThrow(() -> unknown(id, bedrock));
    if (found.type() != InferenceProfileType.SYSTEM_DEFINED) {
      throw new IllegalArgumentException(
          "only one of AWS's own profiles can be copied: " + quoted(id) + " is of this account");
    }
    return new ModelSource(
        found.inferenceProfileId(),
        found.inferenceProfileArn(),
        found.models().stream().map(model -> model.modelArn()).sorted().distinct().toList());
  }

  private static ModelSource foundationModel(ModelId id, ControlPlane bedrock) {
    FoundationModelDetails found =
        bedrock.foundationModel(id.text()).orElseThrow(() -> unknown(id, bedrock));
    List<InferenceType> ways = found.inferenceTypesSupported();
    if (!ways.isEmpty() && !ways.contains(InferenceType.ON_DEMAND)) {
      throw new CommandFailedException(
          "model '%s' cannot be called by itself in %s%s"
              .formatted(found.modelId(), bedrock.region(), profilesOf(found.modelId(), bedrock)));
    }
    return new ModelSource(found.modelId(), found.modelArn(), List.of(found.modelArn()));
  }

  private static String profilesOf(String modelId, ControlPlane bedrock) {
    List<String> profiles =
        bedrock.profiles(InferenceProfileType.SYSTEM_DEFINED).stream()
            .filter(profile -> profile.models().contains(modelId))
            .map(InferenceProfile::id)
            .sorted()
            .toList();
    return profiles.isEmpty()
        ? ", and no system profile has it"
        : "; copy one of its profiles: --model " + String.join(" or ", profiles);
  }

  private static CommandFailedException unknown(ModelId id, ControlPlane bedrock) {
    TreeSet<String> known = new TreeSet<>();
    for (InferenceProfile profile : bedrock.profiles(InferenceProfileType.SYSTEM_DEFINED)) {
      known.add(profile.id());
      known.addAll(profile.models());
    }
    return new CommandFailedException(
        "Bedrock knows no model or profile %s in %s%s"
            .formatted(quoted(id), bedrock.region(), NearestName.hint(id.shortName(), known)));
  }

  private static String quoted(ModelId id) {
    return "'" + Escaped.text(id.text()) + "'";
  }
}
