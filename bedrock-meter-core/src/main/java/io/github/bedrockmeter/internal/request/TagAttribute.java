// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.call.Tags;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/** The tags that an application attaches to one request; they are not sent. Stateless. */
public final class TagAttribute {
  private static final ExecutionAttribute<Tags> ATTRIBUTE = OwnAttribute.named("BedrockMeterTags");

  private TagAttribute() {}

  /** Attaches tags to one request, over those that are attached to it already. */
  public static void attach(AwsRequestOverrideConfiguration.Builder request, Tags tags) {
    request.putExecutionAttribute(ATTRIBUTE, tags.over(in(request.executionAttributes())));
  }

  /** The tags attached to a request. */
  static Tags of(BedrockRuntimeRequest request) {
    AwsRequestOverrideConfiguration settings = request.overrideConfiguration().orElse(null);
    return settings == null ? Tags.none() : in(settings.executionAttributes());
  }

  private static Tags in(@Nullable ExecutionAttributes attributes) {
    Tags tags = attributes == null ? null : attributes.getAttribute(ATTRIBUTE);
    return tags == null ? Tags.none() : tags;
  }
}
