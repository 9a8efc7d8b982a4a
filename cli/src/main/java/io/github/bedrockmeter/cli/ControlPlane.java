// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.internal.text.Durations;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.bedrock.BedrockClient;
import software.amazon.awssdk.services.bedrock.BedrockClientBuilder;
import software.amazon.awssdk.services.bedrock.model.CreateInferenceProfileRequest;
import software.amazon.awssdk.services.bedrock.model.FoundationModelDetails;
import software.amazon.awssdk.services.bedrock.model.GetInferenceProfileResponse;
import software.amazon.awssdk.services.bedrock.model.InferenceProfileType;
import software.amazon.awssdk.services.bedrock.model.ResourceNotFoundException;
import software.amazon.awssdk.services.bedrock.model.Tag;
import software.amazon.awssdk.services.bedrock.model.ValidationException;

/**
 * Bedrock's control plane in one region, with an account's credentials. Every failure is a {@link
 * CommandFailedException} of one sentence. Confined to one thread.
 */
final class ControlPlane implements AutoCloseable {
  private static final int PAGE = 100;

  private final BedrockClient client;
  private final Region region;
  private final AwsFailures failures;

  private ControlPlane(BedrockClient client, Region region, AwsFailures failures) {
    this.client = client;
    this.region = region;
    this.failures = failures;
  }

  /**
   * Where the control plane is, and whose credentials are used. Immutable and thread-safe.
   *
   * @param region null for the one that the SDK finds
   * @param awsProfile a profile in AWS's configuration files; null for what the SDK finds
   * @param endpoint null for that of the region
   * @param timeout how long each answer may take
   */
  record Address(
      @Nullable String region,
      @Nullable String awsProfile,
      @Nullable URI endpoint,
      Duration timeout) {

    /** Opens it. No call is sent, but a role's or a session's credentials may be fetched. */
    ControlPlane open() {
      Region found = region == null ? defaultRegion() : Region.of(region);
      AwsFailures failures =
          new AwsFailures(
              found.id() + (endpoint == null ? "" : " at " + endpoint), Durations.text(timeout));
      BedrockClientBuilder builder =
          BedrockClient.builder()
              .region(found)
              .credentialsProvider(credentials(failures))
              .overrideConfiguration(c -> c.apiCallAttemptTimeout(timeout));
      if (endpoint != null) {
        builder.endpointOverride(endpoint);
      }
      return new ControlPlane(builder.build(), found, failures);
    }

    private Region defaultRegion() {
      DefaultAwsRegionProviderChain.Builder chain = DefaultAwsRegionProviderChain.builder();
      if (awsProfile != null) {
        chain.profileName(awsProfile);
      }
      try {
        return chain.build().getRegion();
      } catch (SdkException none) {
        throw new CommandFailedException(
            "no AWS region was found: add --region eu-central-1, or set AWS_REGION", none);
      }
    }

    /** Asks for the credentials, so that their absence is seen as what it is. */
    private AwsCredentialsProvider credentials(AwsFailures failures) {
      AwsCredentialsProvider provider =
          awsProfile == null
              ? DefaultCredentialsProvider.builder().build()
              : ProfileCredentialsProvider.create(awsProfile);
      try {
        provider.resolveCredentials();
        return provider;
      } catch (SdkException | IllegalStateException none) {
        throw new CommandFailedException(failures.withoutCredentials(awsProfile, none), none);
      }
    }
  }

  /** The region's name. */
  String region() {
    return region.id();
  }

  /** All profiles of a type, from all pages, without their tags. */
  List<InferenceProfile> profiles(InferenceProfileType type) {
    return ask(
        "bedrock:ListInferenceProfiles",
        () ->
            client
                .listInferenceProfilesPaginator(r -> r.typeEquals(type).maxResults(PAGE))
                .inferenceProfileSummaries()
                .stream()
                .map(InferenceProfile::of)
                .sorted(InferenceProfile.ORDER)
                .toList());
  }

  /** The account's own profiles with their tags, one call for each. */
  List<InferenceProfile> taggedProfiles() {
    List<InferenceProfile> tagged = new ArrayList<>();
    for (InferenceProfile profile : profiles(InferenceProfileType.APPLICATION)) {
      tagged(profile).ifPresent(tagged::add);
    }
    return tagged;
  }

  /** The profile with its tags; empty if it was deleted since it was listed. */
  Optional<InferenceProfile> tagged(InferenceProfile profile) {
    return ask(
        "bedrock:ListTagsForResource",
        () -> {
          try {
            Map<String, String> tags = new LinkedHashMap<>();
            client
                .listTagsForResource(r -> r.resourceARN(profile.arn()))
                .tags()
                .forEach(tag -> tags.put(tag.key(), tag.value()));
            return Optional.of(profile.withTags(tags));
          } catch (ResourceNotFoundException deleted) {
            return Optional.empty();
          }
        });
  }

  /** A profile by its id or ARN; empty if there is none. */
  Optional<GetInferenceProfileResponse> profile(String idOrArn) {
    return known(
        "bedrock:GetInferenceProfile",
        () -> client.getInferenceProfile(r -> r.inferenceProfileIdentifier(idOrArn)));
  }

  /** A foundation model by its id or ARN; empty if there is none. */
  Optional<FoundationModelDetails> foundationModel(String idOrArn) {
    return known(
        "bedrock:GetFoundationModel",
        () -> client.getFoundationModel(r -> r.modelIdentifier(idOrArn)).modelDetails());
  }

  private <T> Optional<T> known(String action, Supplier<T> call) {
    return ask(
        action,
        () -> {
          try {
            return Optional.of(call.get());
          } catch (ResourceNotFoundException | ValidationException unknown) {
            return Optional.empty();
          }
        });
  }

  /**
   * Makes a profile.
   *
   * @param sourceArn the ARN of a foundation model or of a system profile
   * @return its ARN
   */
  String create(String name, String sourceArn, Tags tags) {
    CreateInferenceProfileRequest request =
        CreateInferenceProfileRequest.builder()
            .inferenceProfileName(name)
            .modelSource(source -> source.copyFrom(sourceArn))
            .tags(tags.asMap().entrySet().stream().map(ControlPlane::tag).toList())
            .clientRequestToken(token(name, sourceArn, tags))
            .build();
    return ask(
        "bedrock:CreateInferenceProfile, and bedrock:TagResource for its tags",
        () -> client.createInferenceProfile(request).inferenceProfileArn());
  }

  /** Whether a call that failed so may have been carried out. */
  boolean mayHaveHappened(CommandFailedException failure) {
    return !(failure.getCause() instanceof AwsServiceException refusal)
        || refusal.statusCode() >= 500;
  }

  /** Whether Bedrock says that there is no such profile; false if it says nothing. */
  boolean isGone(String arn) {
    try {
      return profile(arn).isEmpty();
    } catch (CommandFailedException unanswered) {
      return false; // it was made, and who may make one may not be allowed to read it
    }
  }

  private static Tag tag(Map.Entry<String, String> tag) {
    return Tag.builder().key(tag.getKey()).value(tag.getValue()).build();
  }

  /** The same for the same wish: two runs at once, or one repeated, make one profile. */
  private static String token(String name, String sourceArn, Tags tags) {
    return "bedrock-meter-" + ProfileNames.hash(name + "\n" + sourceArn + "\n" + tags.asMap());
  }

  private <T> T ask(String action, Supplier<T> call) {
    try {
      return call.get();
    } catch (SdkException failure) {
      throw failures.of(action, failure);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
