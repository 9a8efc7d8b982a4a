// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.tags;

import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;

/** The user whom Spring Security knows on a thread. Loaded only where it is. Stateless. */
final class SecurityPrincipal {
  private SecurityPrincipal() {}

  static @Nullable String name() {
    Authentication user = SecurityContextHolder.getContext().getAuthentication();
    return user == null || user instanceof AnonymousAuthenticationToken || !user.isAuthenticated()
        ? null
        : user.getName();
  }
}
