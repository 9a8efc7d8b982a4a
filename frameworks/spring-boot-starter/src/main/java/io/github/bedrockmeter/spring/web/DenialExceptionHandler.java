// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.web;

import io.github.bedrockmeter.budget.BudgetExceededException;
import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.HttpMessageWriter;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.reactive.result.view.ViewResolver;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;

/**
 * Answers a denial that no exception handler of the application took, in WebFlux: above all in
 * functional endpoints, which {@link DenialAdvice} does not see. Just before Boot's own handler;
 * other failures pass on as they are. Immutable and thread-safe.
 */
public final class DenialExceptionHandler implements WebExceptionHandler, Ordered {
  /** Boot's own handler, which answers everything, has -1. */
  private static final int ORDER = -2;

  private final boolean includeMessage;
  private final ServerResponse.Context context;

  /** A handler that writes with these writers. */
  public DenialExceptionHandler(boolean includeMessage, List<HttpMessageWriter<?>> writers) {
    this.includeMessage = includeMessage;
    this.context = new Context(List.copyOf(writers));
  }

  @Override
  public int getOrder() {
    return ORDER;
  }

  @Override
  public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
    BudgetExceededException denial = DenialProblem.denialIn(failure);
    if (denial == null || exchange.getResponse().isCommitted()) {
      return Mono.error(failure);
    }
    ResponseEntity<ProblemDetail> answer = DenialProblem.answer(denial, includeMessage);
    return ServerResponse.status(answer.getStatusCode())
        .headers(headers -> DenialProblem.copy(answer.getHeaders(), headers))
        .bodyValue(DenialProblem.body(answer))
        .flatMap(response -> response.writeTo(exchange, context));
  }

  /** What a problem detail is written with. */
  private record Context(List<HttpMessageWriter<?>> messageWriters)
      implements ServerResponse.Context {
    @Override
    public List<ViewResolver> viewResolvers() {
      return List.of();
    }
  }
}
