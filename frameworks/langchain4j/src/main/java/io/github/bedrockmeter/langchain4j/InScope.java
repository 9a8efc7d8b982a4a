// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.langchain4j;

import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.call.Tags;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A model in whose calls a scope of tags is open. A proxy, so that what later versions of
 * LangChain4j add to a model reaches it as well. Thread-safe.
 */
final class InScope<M> implements InvocationHandler {
  private final Class<M> type;
  private final M model;
  private final Supplier<Tags> tags;

  private InScope(Class<M> type, M model, Supplier<Tags> tags) {
    this.type = type;
    this.model = Objects.requireNonNull(model, "model");
    this.tags = Objects.requireNonNull(tags, "tags");
  }

  static <M> M over(Class<M> type, M model, Supplier<Tags> tags) {
    return proxy(type, new InScope<>(type, model, tags));
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  @Override
  @SuppressWarnings("try") // the scope is open while the model is called
  public @Nullable Object invoke(
      Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    if (arguments == null) {
      return Passing.on(model, method, null);
    }
    if (method.getDeclaringClass() == Object.class) {
      return proxy == arguments[0]; // equals
    }
    try (BedrockMeter.Scope scope = BedrockMeter.openScope(callersTags())) {
      Object answer = Passing.on(model, method, withScopedHandler(arguments));
      // A model that the model made of itself, such as one with listeners.
      return type.isInstance(answer) ? over(type, type.cast(answer), tags) : answer;
    } catch (Throwable failure) {
      throw Passing.denialIn(failure);
    }
  }

  /** Of a round that a handler starts none: its thread has those of the round before. */
  private Tags callersTags() {
    return ScopedHandler.isRunning() ? Tags.none() : tags.get();
  }

  private static @Nullable Object[] withScopedHandler(@Nullable Object[] arguments) {
    @Nullable Object[] changed = arguments.clone();
    for (int i = 0; i < changed.length; i++) {
      if (changed[i] instanceof StreamingChatResponseHandler handler) {
        changed[i] =
            proxy(
                StreamingChatResponseHandler.class,
                new ScopedHandler(handler, BedrockMeter.currentTags()));
      }
    }
    return changed;
  }
}
