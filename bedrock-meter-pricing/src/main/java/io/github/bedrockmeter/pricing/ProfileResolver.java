// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the model behind an ARN that does not show it: an application inference profile,
 * provisioned throughput, a custom model, a prompt router.
 *
 * <p>Called on the thread of the first call that uses an ARN, before that call is sent, and not
 * again: the answer is kept, a {@link Answer.Missing} for a while only. It may use the network, and
 * must limit how long it waits. An exception counts as missing.
 */
@FunctionalInterface
public interface ProfileResolver {

  /** The models behind {@code arn}. */
  Answer resolve(String arn);

  /** What a resolver found. */
  sealed interface Answer {
    /**
     * The models that a call through the ARN may run on; the highest-priced one prices the call.
     *
     * @param models at least one
     */
    record Found(List<ResolvedModel> models) implements Answer {
      public Found {
        if (models.isEmpty()) {
          throw new IllegalArgumentException("models must not be empty");
        }
        models = List.copyOf(models);
      }
    }

    /**
     * The ARN could not be resolved.
     *
     * @param reason what was tried and what to do, in words an operator can act on
     */
    record Missing(String reason) implements Answer {}
  }

  /**
   * A model and the way it is called.
   *
   * @param modelId a model id or the ARN of a foundation model
   * @param scope how far the call may travel; null if {@code modelId} shows it
   * @param tier a tier the ARN implies, as {@code provisioned}; null for the call's own
   * @param variant a variant the ARN implies, as {@code custom-model}; empty for none
   */
  record ResolvedModel(
      String modelId, @Nullable PriceScope scope, @Nullable String tier, String variant) {

    /** An ordinary model in the scope that its id shows. */
    public static ResolvedModel of(String modelId) {
      return new ResolvedModel(modelId, null, null, "");
    }
  }
}
