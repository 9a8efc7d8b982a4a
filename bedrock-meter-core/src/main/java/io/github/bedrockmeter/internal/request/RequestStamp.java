// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.internal.support.OnceFor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;

/**
 * Writes a call's tags into its request metadata, so that Bedrock's invocation logs carry them. The
 * caller's own metadata stays as it is. A tag that Bedrock would refuse is left out: a stamp must
 * not be the reason that a call fails.
 */
public final class RequestStamp {
  private static final Logger log = LoggerFactory.getLogger(RequestStamp.class);

  /** Bedrock takes at most so many pairs, of such characters. */
  private static final int MOST_PAIRS = 16;

  private static final Pattern KEY = Pattern.compile("[a-zA-Z0-9\\s:_@$#=/+,.-]{1,256}");
  private static final Pattern VALUE = Pattern.compile("[a-zA-Z0-9\\s:_@$#=/+,.-]{0,256}");

  private static final OnceFor<String> LEFT_OUT = new OnceFor<>(1_000);

  private RequestStamp() {}

  /** The request with the tags in its metadata; the same instance if there is nothing to add. */
  public static BedrockRuntimeRequest stamp(BedrockRuntimeRequest request, Tags tags) {
    if (tags.isEmpty()) {
      return request;
    }
    try {
      return stamped(request, tags);
    } catch (IOException | RuntimeException failure) {
      log.warn("Tags {} could not be written into the request's metadata", tags, failure);
      return request;
    }
  }

  private static BedrockRuntimeRequest stamped(BedrockRuntimeRequest request, Tags tags)
      throws IOException {
    if (request instanceof ConverseRequest converse) {
      Map<String, String> all = merged(converse.requestMetadata(), tags);
      return all == null ? request : converse.toBuilder().requestMetadata(all).build();
    }
    if (request instanceof ConverseStreamRequest converse) {
      Map<String, String> all = merged(converse.requestMetadata(), tags);
      return all == null ? request : converse.toBuilder().requestMetadata(all).build();
    }
    if (request instanceof InvokeModelRequest invoke) {
      AwsRequestOverrideConfiguration override = withHeader(invoke, tags);
      return override == null
          ? request
          : invoke.toBuilder().overrideConfiguration(override).build();
    }
    if (request instanceof InvokeModelWithResponseStreamRequest invoke) {
      AwsRequestOverrideConfiguration override = withHeader(invoke, tags);
      return override == null
          ? request
          : invoke.toBuilder().overrideConfiguration(override).build();
    }
    return request;
  }

  private static @Nullable AwsRequestOverrideConfiguration withHeader(
      BedrockRuntimeRequest request, Tags tags) throws IOException {
    AwsRequestOverrideConfiguration override = request.overrideConfiguration().orElse(null);
    String own = request.getValueForField("requestMetadata", String.class).orElse(null);
    if (own == null && override != null) {
      own =
          override.headers().entrySet().stream()
              .filter(header -> header.getKey().equalsIgnoreCase(MetadataHeader.NAME))
              .flatMap(header -> header.getValue().stream())
              .findFirst()
              .orElse(null);
    }
    Map<String, String> all = merged(own == null ? Map.of() : MetadataHeader.parsed(own), tags);
    if (all == null) {
      return null;
    }
    AwsRequestOverrideConfiguration.Builder builder =
        override == null ? AwsRequestOverrideConfiguration.builder() : override.toBuilder();
    return builder.putHeader(MetadataHeader.NAME, MetadataHeader.written(all)).build();
  }

  /** The caller's metadata and the tags it does not have; null if there is nothing to add. */
  private static @Nullable Map<String, String> merged(Map<String, String> own, Tags tags) {
    Map<String, String> all = new LinkedHashMap<>(own);
    tags.asMap()
        .forEach(
            (name, value) -> {
              if (all.containsKey(name)) {
                return;
              }
              if (all.size() >= MOST_PAIRS) {
                leaveOut(name, "Bedrock takes " + MOST_PAIRS + " pairs of metadata at most");
              } else if (!KEY.matcher(name).matches() || !VALUE.matcher(value).matches()) {
                leaveOut(
                    name,
                    "Bedrock takes up to 256 letters, digits, blanks and :_@$#=/+,-. in metadata");
              } else {
                all.put(name, value);
              }
            });
    return all.size() == own.size() ? null : all;
  }

  private static void leaveOut(String name, String why) {
    if (LEFT_OUT.isFirst(name)) {
      log.warn(
          "Tag '{}' is counted by the meter but left out of the request's metadata: {}", name, why);
    }
  }
}
