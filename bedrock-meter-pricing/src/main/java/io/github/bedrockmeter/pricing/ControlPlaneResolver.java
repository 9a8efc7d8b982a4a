// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.bedrock.BedrockClient;
import software.amazon.awssdk.services.bedrock.model.PromptRouterTargetModel;

/**
 * Asks the Bedrock control plane what model stands behind an ARN. It needs {@code
 * software.amazon.awssdk:bedrock} on the class path and the permissions {@code
 * bedrock:GetInferenceProfile}, {@code GetProvisionedModelThroughput}, {@code GetCustomModel},
 * {@code GetCustomModelDeployment} and {@code GetPromptRouter}, as far as such ARNs are called.
 *
 * <p>A call waits for the answer once: give the client a short {@code apiCallTimeout}. Thread-safe;
 * the client stays the caller's to close.
 */
public final class ControlPlaneResolver implements ProfileResolver {
  private static final int MOST_STEPS = 4;

  private final BedrockClient bedrock;

  /** A resolver over a client for the account and region whose ARNs are called. */
  public ControlPlaneResolver(BedrockClient bedrock) {
    this.bedrock = Objects.requireNonNull(bedrock, "bedrock");
  }

  @Override
  public Answer resolve(String arn) {
    try {
      return resolve(arn, MOST_STEPS);
    } catch (SdkException refused) {
      return new Answer.Missing(
          "Bedrock's control plane did not resolve '%s': %s; grant the permission, or map it with"
                  .formatted(arn, refused.getMessage())
              + " alias(..)");
    }
  }

  private Answer resolve(String arn, int steps) {
    String resource = arn.substring(arn.lastIndexOf(':') + 1);
    String type = typeOf(arn);
    if (steps == 0) {
      return new Answer.Missing("'" + arn + "' leads through too many ARNs");
    }
    return switch (type) {
      case "foundation-model", "inference-profile" -> new Answer.Found(List.of(Target.of(arn)));
      case "application-inference-profile" -> profile(arn);
      case "provisioned-model" -> provisioned(arn);
      case "custom-model" -> customised(arn, steps);
      case "custom-model-deployment" ->
          resolve(
              bedrock
                  .getCustomModelDeployment(r -> r.customModelDeploymentIdentifier(arn))
                  .modelArn(),
              steps - 1);
      case "prompt-router", "default-prompt-router" -> router(arn, steps);
      default -> new Answer.Missing("no way to resolve a " + type + ": '" + resource + "'");
    };
  }

  private static String typeOf(String arn) {
    String[] parts = arn.split(":", 6);
    int slash = parts.length < 6 ? -1 : parts[5].indexOf('/');
    return slash < 0 ? "resource without a type" : parts[5].substring(0, slash);
  }

  /**
   * A profile lists one ARN of its model for each region it may run in, with an empty region for a
   * global one. One region alone is a copy of the model itself, not of a profile.
   */
  private Answer profile(String arn) {
    Set<String> models = new LinkedHashSet<>();
    Set<String> regions = new LinkedHashSet<>();
    bedrock
        .getInferenceProfile(r -> r.inferenceProfileIdentifier(arn))
        .models()
        .forEach(
            model -> {
              String[] parts = model.modelArn().split(":", 6);
              regions.add(parts.length < 6 ? "" : parts[3]);
              models.add(model.modelArn().substring(model.modelArn().indexOf('/') + 1));
            });
    if (models.isEmpty()) {
      return new Answer.Missing("profile '" + arn + "' lists no model");
    }
    Scope scope =
        regions.contains("") ? Scope.GLOBAL : regions.size() > 1 ? Scope.GEO : Scope.IN_REGION;
    List<Target> targets = new ArrayList<>();
    models.forEach(model -> targets.add(new Target(model, scope, null, "")));
    return new Answer.Found(targets);
  }

  private Answer provisioned(String arn) {
    String model =
        bedrock.getProvisionedModelThroughput(r -> r.provisionedModelId(arn)).foundationModelArn();
    return new Answer.Found(List.of(new Target(model, Scope.IN_REGION, "provisioned", "")));
  }

  private Answer customised(String arn, int steps) {
    Answer base =
        resolve(bedrock.getCustomModel(r -> r.modelIdentifier(arn)).baseModelArn(), steps - 1);
    if (!(base instanceof Answer.Found found)) {
      return base;
    }
    List<Target> targets = new ArrayList<>();
    for (Target target : found.models()) {
      targets.add(new Target(target.modelId(), Scope.IN_REGION, target.tier(), "custom-model"));
    }
    return new Answer.Found(targets);
  }

  private Answer router(String arn, int steps) {
    var router = bedrock.getPromptRouter(r -> r.promptRouterArn(arn));
    Set<String> arns = new LinkedHashSet<>();
    router.models().forEach(model -> arns.add(model.modelArn()));
    PromptRouterTargetModel fallback = router.fallbackModel();
    if (fallback != null && fallback.modelArn() != null) {
      arns.add(fallback.modelArn());
    }
    List<Target> targets = new ArrayList<>();
    for (String model : arns) {
      Answer answer = resolve(model, steps - 1);
      if (!(answer instanceof Answer.Found found)) {
        return answer;
      }
      targets.addAll(found.models());
    }
    return targets.isEmpty()
        ? new Answer.Missing("router '" + arn + "' lists no model")
        : new Answer.Found(targets);
  }
}
