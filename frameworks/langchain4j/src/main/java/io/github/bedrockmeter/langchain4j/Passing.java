// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.langchain4j;

import io.github.bedrockmeter.budget.BudgetExceededException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Passes a call on to an object of LangChain4j, and its failure back. Stateless. */
final class Passing {
  private Passing() {}

  /** The object's own answer and the object's own exception. */
  static @Nullable Object on(Object target, Method method, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException thrown) {
      throw Objects.requireNonNull(thrown.getCause());
    }
  }

  /** The denial among the causes of a failure; the failure itself if there is none. */
  static Throwable denialIn(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BudgetExceededException) {
        return cause;
      }
    }
    return failure;
  }
}
