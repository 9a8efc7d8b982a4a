// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.spring.tags.TagDefinitions;
import io.github.bedrockmeter.spring.tags.TagsAccessor;
import io.github.bedrockmeter.spring.tags.TagsWebFilter;
import java.lang.reflect.Proxy;
import java.security.Principal;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.core.Ordered;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** The tags of a WebFlux request, by who made it. */
class TagsWebFilterTest {
  private final TagsWebFilter filter =
      new TagsWebFilter(TagDefinitions.of(Map.of("user", "#{principal}")));

  private Tags tagsFor(Principal principal) {
    ServerWebExchange exchange =
        (ServerWebExchange)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ServerWebExchange.class},
                (proxy, method, arguments) -> {
                  assertThat(method.getName()).isEqualTo("getPrincipal");
                  return Mono.just(principal);
                });
    AtomicReference<Tags> seen = new AtomicReference<>();
    filter
        .filter(
            exchange,
            passed ->
                Mono.deferContextual(
                    context -> {
                      seen.set(context.get(TagsAccessor.KEY));
                      return Mono.empty();
                    }))
        .block(Duration.ofSeconds(30));
    return seen.get();
  }

  @Test
  void aUserIsATag() {
    assertThat(tagsFor(() -> "ann")).isEqualTo(Tags.of("user", "ann"));
  }

  @Test
  void anAnonymousUserIsNone() {
    assertThat(
            tagsFor(
                new AnonymousAuthenticationToken(
                    "key", "anonymousUser", AuthorityUtils.createAuthorityList("NONE"))))
        .isEqualTo(Tags.none());
  }

  @Test
  void aUserWithoutANameIsNone() {
    assertThat(tagsFor(() -> null)).isEqualTo(Tags.none());
  }

  /** Spring Security's filter, and filters that set attributes, come first. */
  @Test
  void allOtherFiltersComeFirst() {
    assertThat(filter.getOrder()).isEqualTo(Ordered.LOWEST_PRECEDENCE);
  }
}
