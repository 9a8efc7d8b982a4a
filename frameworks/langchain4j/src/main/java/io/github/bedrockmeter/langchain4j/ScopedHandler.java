// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.langchain4j;

import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.call.Tags;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/** A handler of a stream that runs with the tags of the call it belongs to. Thread-safe. */
final class ScopedHandler implements InvocationHandler {
  private static final ThreadLocal<Boolean> RUNNING = new ThreadLocal<>();

  private final StreamingChatResponseHandler handler;
  private final Tags tags;

  ScopedHandler(StreamingChatResponseHandler handler, Tags tags) {
    this.handler = handler;
    this.tags = tags;
  }

  /** Whether this thread is in a handler. */
  static boolean isRunning() {
    return RUNNING.get() != null;
  }

  @Override
  @SuppressWarnings("try") // the scope is open while the handler runs
  public @Nullable Object invoke(
      Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    if (arguments != null && arguments.length == 1 && arguments[0] instanceof Throwable failure) {
      arguments[0] = Passing.denialIn(failure);
    }
    Boolean before = RUNNING.get();
    RUNNING.set(true);
    try (BedrockMeter.Scope scope = BedrockMeter.replaceTags(tags)) {
      return Passing.on(handler, method, arguments);
    } finally {
      if (before == null) {
        RUNNING.remove();
      }
    }
  }
}
