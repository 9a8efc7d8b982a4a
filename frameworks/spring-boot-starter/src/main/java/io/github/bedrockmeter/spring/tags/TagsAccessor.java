// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.tags;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.call.Tags;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;

/**
 * Carries tags wherever Micrometer's context propagation does: {@code
 * ContextPropagatingTaskDecorator}, {@code ContextSnapshot}, Reactor with {@code
 * spring.reactor.context-propagation=auto}. Captured is what a call of the thread would be tagged
 * with. Thread-safe.
 */
public final class TagsAccessor implements ThreadLocalAccessor<Tags>, DisposableBean {
  /** The key in snapshots and in Reactor's context. */
  public static final String KEY = "bedrock-meter.tags";

  /*
   * The registry has one accessor for each key, an application may have several contexts. The one
   * that began last is registered; when it ends, the one before it is again.
   */
  private static final List<TagsAccessor> LIVE = new CopyOnWriteArrayList<>();

  /*
   * A value that is set opens a scope, and whoever set it restores what was before, in the reverse
   * order; so restoring closes the innermost scope. To set what was captured before it instead would
   * leave the values of a request on a thread that had no scope at all.
   */
  private static final ThreadLocal<@Nullable Deque<BedrockMeter.Scope>> OPENED =
      new ThreadLocal<>();

  private final ThreadTags threadTags;

  private TagsAccessor(ThreadTags threadTags) {
    this.threadTags = threadTags;
  }

  /** An accessor that is registered until it is destroyed. */
  public static TagsAccessor registered(ThreadTags threadTags) {
    TagsAccessor accessor = new TagsAccessor(threadTags);
    synchronized (LIVE) {
      LIVE.add(accessor);
      ContextRegistry.getInstance().registerThreadLocalAccessor(accessor);
    }
    return accessor;
  }

  @Override
  public void destroy() {
    synchronized (LIVE) {
      LIVE.remove(this);
      if (LIVE.isEmpty()) {
        ContextRegistry.getInstance().removeThreadLocalAccessor(KEY);
      } else {
        ContextRegistry.getInstance().registerThreadLocalAccessor(LIVE.get(LIVE.size() - 1));
      }
    }
  }

  @Override
  public Object key() {
    return KEY;
  }

  @Override
  public @Nullable Tags getValue() {
    Tags tags = threadTags.toCarry();
    return tags.isEmpty() ? null : tags;
  }

  @Override
  public void setValue(Tags tags) {
    Deque<BedrockMeter.Scope> opened = OPENED.get();
    if (opened == null) {
      opened = new ArrayDeque<>();
      OPENED.set(opened);
    }
    opened.push(BedrockMeter.replaceTags(tags));
  }

  @Override
  public void setValue() {
    setValue(Tags.none());
  }

  @Override
  public void restore(Tags previous) {
    restore();
  }

  @Override
  public void restore() {
    Deque<BedrockMeter.Scope> opened = OPENED.get();
    if (opened == null) {
      return;
    }
    opened.pop().close();
    if (opened.isEmpty()) {
      OPENED.remove();
    }
  }
}
