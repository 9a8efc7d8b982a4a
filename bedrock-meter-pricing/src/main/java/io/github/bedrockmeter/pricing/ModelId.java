// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model as Bedrock's grammar reads it: the profile prefix, the ARN and the context suffix taken
 * off, the scope and region they stood for kept. Immutable and thread-safe.
 *
 * @param kind what the id names
 * @param name the bare model id for {@link Kind#MODEL} and, where the ARN tells it, for {@link
 *     Kind#CUSTOM_MODEL}; otherwise the resource's own name
 * @param scope how far the call may travel, as far as the id tells
 * @param region the region inside the ARN; null without one
 */
public record ModelId(Kind kind, String name, Scope scope, @Nullable String region) {

  /** What an id can name. */
  public enum Kind {
    /** A model, or a system-defined inference profile of one. */
    MODEL,
    /** An application inference profile: opaque, its model is known to the control plane. */
    APPLICATION_PROFILE,
    /** Provisioned throughput, paid by the hour. */
    PROVISIONED,
    /** A fine-tuned model. */
    CUSTOM_MODEL,
    /** An on-demand deployment of a fine-tuned model: opaque. */
    CUSTOM_DEPLOYMENT,
    /** An imported model, paid by the minute a copy is active. */
    IMPORTED,
    /** A stored prompt, which holds its model: opaque. */
    PROMPT,
    /** A prompt router; the response names the model that answered. */
    PROMPT_ROUTER,
    /** A SageMaker endpoint of a Marketplace model, which Bedrock does not bill. */
    MARKETPLACE_ENDPOINT,
    /** A guardrail, whose text units are charged. */
    GUARDRAIL,
    /** Something that is not invoked, as an asynchronous invocation's own ARN. */
    OTHER
  }

  public ModelId {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(scope, "scope");
  }

  /** Whether only the account knows what model stands behind this id. */
  public boolean isOpaque() {
    return switch (kind) {
      case APPLICATION_PROFILE, CUSTOM_DEPLOYMENT, PROMPT, PROMPT_ROUTER -> true;
      case MODEL, PROVISIONED, CUSTOM_MODEL, IMPORTED, MARKETPLACE_ENDPOINT, GUARDRAIL, OTHER ->
          false;
    };
  }
}
