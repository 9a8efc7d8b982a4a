// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.tags;

import io.github.bedrockmeter.call.Tags;
import java.security.Principal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.util.ClassUtils;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Puts the tags of a WebFlux request into Reactor's context, where context propagation finds them.
 * Runs behind Spring Security, which knows the principal, and behind filters that set attributes.
 * Thread-safe.
 */
public final class TagsWebFilter implements WebFilter, Ordered {
  private static final boolean HAS_SECURITY =
      ClassUtils.isPresent(
          "org.springframework.security.core.Authentication", TagsWebFilter.class.getClassLoader());

  private final TagDefinitions definitions;

  /** A filter for these definitions. */
  public TagsWebFilter(TagDefinitions definitions) {
    this.definitions = definitions;
  }

  @Override
  public int getOrder() {
    return LOWEST_PRECEDENCE;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    if (definitions.isConstant()) {
      return chain.filter(exchange);
    }
    if (!definitions.of(TagDefinitions.Kind.PRINCIPAL)) {
      return chain.filter(exchange).contextWrite(context -> with(context, exchange, null));
    }
    return exchange
        .getPrincipal()
        .map(principal -> Optional.ofNullable(name(principal)))
        .defaultIfEmpty(Optional.empty())
        .flatMap(
            user ->
                chain
                    .filter(exchange)
                    .contextWrite(context -> with(context, exchange, user.orElse(null))));
  }

  /** The user's name; null for an anonymous one, whom Spring Security knows too. */
  private static @Nullable String name(Principal principal) {
    return HAS_SECURITY ? SecurityPrincipal.name(principal) : principal.getName();
  }

  /** What is in the context already was set by code, and wins as a scope does. */
  private Context with(Context context, ServerWebExchange exchange, @Nullable String user) {
    Tags known = context.getOrDefault(TagsAccessor.KEY, Tags.none());
    return context.put(TagsAccessor.KEY, known.over(tags(exchange, user)));
  }

  private Tags tags(ServerWebExchange exchange, @Nullable String user) {
    return definitions.of(new ExchangeView(exchange, user));
  }

  /** A request of WebFlux, and its user. */
  private record ExchangeView(ServerWebExchange exchange, @Nullable String principal)
      implements RequestView {
    @Override
    public @Nullable String header(String name) {
      return exchange.getRequest().getHeaders().getFirst(name);
    }

    @Override
    public @Nullable String attribute(String name) {
      Object value = exchange.getAttributes().get(name);
      return value == null ? null : value.toString();
    }
  }
}
