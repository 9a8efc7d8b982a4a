// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal;

import io.github.bedrockmeter.call.Tags;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;

/**
 * Where tags come from besides the request's own metadata: the request's attributes, the thread.
 */
public final class TagScope {
  private static final ExecutionAttribute<Tags> ATTRIBUTE =
      new ExecutionAttribute<>("BedrockMeterTags");
  private static final ThreadLocal<Tags> CURRENT = new ThreadLocal<>();

  private TagScope() {}

  /** Attaches tags to one request. */
  public static void attach(AwsRequestOverrideConfiguration.Builder request, Tags tags) {
    request.putExecutionAttribute(ATTRIBUTE, tags);
  }

  /** The tags attached to a request. */
  static Tags attachedTo(AwsRequestOverrideConfiguration request) {
    Tags tags = request.executionAttributes().getAttribute(ATTRIBUTE);
    return tags == null ? Tags.none() : tags;
  }

  /** The tags of the scopes open on this thread. */
  static Tags current() {
    Tags tags = CURRENT.get();
    return tags == null ? Tags.none() : tags;
  }

  /** Opens a scope on this thread; the answer closes it and restores what was before. */
  public static Runnable open(Tags tags) {
    Tags before = CURRENT.get();
    Thread owner = Thread.currentThread();
    CURRENT.set(before == null ? tags : tags.over(before));
    return () -> {
      if (Thread.currentThread() != owner) {
        throw new IllegalStateException(
            "a tag scope is closed on the thread that opened it, " + owner.getName());
      }
      if (before == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(before);
      }
    };
  }
}
