// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.tags;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.util.ClassUtils;

/**
 * The tags of the thread at hand by their definitions: of the servlet request that it serves, of
 * the user that Spring Security knows, of the MDC. Thread-safe.
 */
public final class ThreadTags implements Supplier<Tags> {
  private static final boolean SERVLETS =
      isPresent("org.springframework.web.context.request.RequestContextHolder")
          && isPresent("jakarta.servlet.http.HttpServletRequest");
  private static final boolean SECURITY =
      isPresent("org.springframework.security.core.context.SecurityContextHolder");

  private static final OutageLog FAILURES =
      new OutageLog(
          Log.to(LoggerFactory.getLogger(ThreadTags.class)),
          "The tags of a thread's request could not be read, and are missing");

  private final TagDefinitions definitions;

  /** Tags by these definitions. */
  public ThreadTags(TagDefinitions definitions) {
    this.definitions = definitions;
  }

  private static boolean isPresent(String type) {
    return ClassUtils.isPresent(type, ThreadTags.class.getClassLoader());
  }

  /** What the tags are. */
  public TagDefinitions definitions() {
    return definitions;
  }

  @Override
  public Tags get() {
    if (definitions.isConstant()) {
      return Tags.none();
    }
    try {
      RequestView request = SERVLETS ? ServletView.current() : null;
      return definitions.of(new OnThread(request == null ? RequestView.NONE : request));
    } catch (RuntimeException | LinkageError failure) {
      // A server may refuse what is asked of a request that has ended, on a thread that kept it.
      FAILURES.failed(Thread.currentThread().getName(), failure);
      return Tags.none();
    }
  }

  /** What a call of this thread would be tagged with: its scopes over what the thread knows. */
  public Tags toCarry() {
    return BedrockMeter.currentTags().over(get());
  }

  /** A request; its principal may be known to Spring Security alone. */
  private record OnThread(RequestView request) implements RequestView {
    @Override
    public @Nullable String principal() {
      String name = request.principal();
      return name == null && SECURITY ? SecurityPrincipal.name() : name;
    }

    @Override
    public @Nullable String header(String name) {
      return request.header(name);
    }

    @Override
    public @Nullable String attribute(String name) {
      return request.attribute(name);
    }
  }
}
