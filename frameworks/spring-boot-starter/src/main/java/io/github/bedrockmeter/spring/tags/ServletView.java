// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.tags;

import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** The servlet request of a thread. Loaded only where there are servlets. */
record ServletView(HttpServletRequest request) implements RequestView {

  /** The request that this thread serves; null if it serves none. */
  static @Nullable RequestView current() {
    RequestAttributes attributes = RequestContextHolder.getRequestAttributes();
    return attributes instanceof ServletRequestAttributes servlet
        ? new ServletView(servlet.getRequest())
        : null;
  }

  @Override
  public @Nullable String principal() {
    Principal principal = request.getUserPrincipal();
    return principal == null ? null : principal.getName();
  }

  @Override
  public @Nullable String header(String name) {
    return request.getHeader(name);
  }

  @Override
  public @Nullable String attribute(String name) {
    Object value = request.getAttribute(name);
    return value == null ? null : value.toString();
  }
}
