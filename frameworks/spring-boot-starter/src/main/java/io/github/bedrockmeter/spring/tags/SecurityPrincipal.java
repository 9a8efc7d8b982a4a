// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.tags;

import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;

/** The user whom Spring Security knows on a thread. Loaded only where it is. Stateless. */
final class SecurityPrincipal {
  private SecurityPrincipal() {}

  static @Nullable String name() {
    return name(SecurityContextHolder.getContext().getAuthentication());
  }

  /** The name of a user who is logged in; null for an anonymous one. */
  static @Nullable String name(@Nullable Principal principal) {
    if (principal != null && !(principal instanceof Authentication)) {
      return principal.getName();
    }
    Authentication user = (Authentication) principal;
    return user == null || user instanceof AnonymousAuthenticationToken || !user.isAuthenticated()
        ? null
        : user.getName();
  }
}
