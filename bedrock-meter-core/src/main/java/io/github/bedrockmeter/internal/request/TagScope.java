// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.call.Tags;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;

/**
 * Where tags come from besides the request's own metadata: the request's attributes, the thread.
 */
public final class TagScope {
  private static final ExecutionAttribute<Tags> ATTRIBUTE =
      new ExecutionAttribute<>("BedrockMeterTags");
  private static final ThreadLocal<Level> CURRENT = new ThreadLocal<>();

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

  /** One scope on a thread: its tags over those of the scopes around it. */
  private static final class Level {
    private final Tags tags;
    private final @Nullable Level outer;
    private boolean closed;

    Level(Tags tags, @Nullable Level outer) {
      this.tags = outer == null ? tags : tags.over(outer.tags);
      this.outer = outer;
    }
  }

  /** The tags of the scopes open on this thread. */
  public static Tags current() {
    Level level = CURRENT.get();
    return level == null ? Tags.none() : level.tags;
  }

  /** Opens a scope on this thread; the answer closes it. To close it again changes nothing. */
  public static Runnable open(Tags tags) {
    Level level = new Level(tags, CURRENT.get());
    Thread owner = Thread.currentThread();
    CURRENT.set(level);
    return () -> {
      if (Thread.currentThread() != owner) {
        throw new IllegalStateException(
            "a tag scope is closed on the thread that opened it, " + owner.getName());
      }
      level.closed = true;
      closeFinished();
    };
  }

  /** A scope that is closed before one inside it goes when that one does. */
  private static void closeFinished() {
    Level open = CURRENT.get();
    while (open != null && open.closed) {
      open = open.outer;
    }
    if (open == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(open);
    }
  }
}
