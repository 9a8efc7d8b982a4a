// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.usage.ModelId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.bedrock.BedrockClient;
import software.amazon.awssdk.services.bedrock.model.PromptRouterTargetModel;

/**
 * Asks the Bedrock control plane which model is behind an ARN. It needs {@code
 * software.amazon.awssdk:bedrock} on the class path and the permissions {@code
 * bedrock:GetInferenceProfile}, {@code GetProvisionedModelThroughput}, {@code GetCustomModel},
 * {@code GetCustomModelDeployment} and {@code GetPromptRouter}, as far as such ARNs are called.
 *
 * <p>A call waits for the answer once: give the client a short {@code apiCallTimeout}. Thread-safe;
 * the caller closes the client.
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
    if (steps == 0) {
      return new Answer.Missing("'" + arn + "' leads through too many ARNs");
    }
    return switch (ModelId.of(arn).kind()) {
      case MODEL -> new Answer.Found(List.of(ResolvedModel.of(arn)));
      case APPLICATION_PROFILE -> profile(arn);
      case PROVISIONED -> provisioned(arn);
      case CUSTOM_MODEL -> customModel(arn, steps);
      case CUSTOM_DEPLOYMENT -> resolve(deployedModel(arn), steps - 1);
      case PROMPT_ROUTER -> router(arn, steps);
      case IMPORTED, PROMPT, MARKETPLACE_ENDPOINT, GUARDRAIL, OTHER ->
          new Answer.Missing("the control plane cannot resolve '" + arn + "'");
    };
  }

  private String deployedModel(String arn) {
    return bedrock.getCustomModelDeployment(r -> r.customModelDeploymentIdentifier(arn)).modelArn();
  }

  /**
   * A profile lists one ARN of its model for each region it may run in, with an empty region for a
   * global one. One region alone is a copy of the model itself, not of a profile.
   */
  private Answer profile(String arn) {
    Set<String> ids = new LinkedHashSet<>();
    Set<String> regions = new LinkedHashSet<>();
    bedrock
        .getInferenceProfile(r -> r.inferenceProfileIdentifier(arn))
        .models()
        .forEach(
            model -> {
              ModelId id = ModelId.of(model.modelArn());
              regions.add(id.region() == null ? "" : id.region());
              ids.add(id.shortName());
            });
    if (ids.isEmpty()) {
      return new Answer.Missing("profile '" + arn + "' lists no model");
    }
    PriceScope scope =
        regions.contains("")
            ? PriceScope.GLOBAL
            : regions.size() > 1 ? PriceScope.GEO : PriceScope.IN_REGION;
    List<ResolvedModel> models = new ArrayList<>();
    ids.forEach(id -> models.add(new ResolvedModel(id, scope, null, "")));
    return new Answer.Found(models);
  }

  private Answer provisioned(String arn) {
    String model =
        bedrock.getProvisionedModelThroughput(r -> r.provisionedModelId(arn)).foundationModelArn();
    return new Answer.Found(
        List.of(new ResolvedModel(model, PriceScope.IN_REGION, "provisioned", "")));
  }

  private Answer customModel(String arn, int steps) {
    Answer base =
        resolve(bedrock.getCustomModel(r -> r.modelIdentifier(arn)).baseModelArn(), steps - 1);
    if (!(base instanceof Answer.Found found)) {
      return base;
    }
    List<ResolvedModel> models = new ArrayList<>();
    for (ResolvedModel model : found.models()) {
      models.add(
          new ResolvedModel(model.modelId(), PriceScope.IN_REGION, model.tier(), "custom-model"));
    }
    return new Answer.Found(models);
  }

  private Answer router(String arn, int steps) {
    var router = bedrock.getPromptRouter(r -> r.promptRouterArn(arn));
    Set<String> arns = new LinkedHashSet<>();
    router.models().forEach(model -> arns.add(model.modelArn()));
    PromptRouterTargetModel fallback = router.fallbackModel();
    if (fallback != null && fallback.modelArn() != null) {
      arns.add(fallback.modelArn());
    }
    List<ResolvedModel> models = new ArrayList<>();
    for (String model : arns) {
      Answer answer = resolve(model, steps - 1);
      if (!(answer instanceof Answer.Found found)) {
        return answer;
      }
      models.addAll(found.models());
    }
    return models.isEmpty()
        ? new Answer.Missing("router '" + arn + "' lists no model")
        : new Answer.Found(models);
  }
}
