// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.web;

import io.github.bedrockmeter.budget.BudgetExceededException;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Answers a denial that no exception handler of the application took, in servlets: above all in
 * functional endpoints, which {@link DenialAdvice} does not see. The last one that is asked; other
 * failures pass on as they are. Thread-safe.
 */
public final class DenialExceptionResolver implements HandlerExceptionResolver, Ordered {
  private final boolean includeMessage;
  private final Supplier<List<HttpMessageConverter<?>>> converters;

  /** A resolver that writes with these converters. */
  public DenialExceptionResolver(
      boolean includeMessage, Supplier<List<HttpMessageConverter<?>>> converters) {
    this.includeMessage = includeMessage;
    this.converters = converters;
  }

  @Override
  public int getOrder() {
    return LOWEST_PRECEDENCE;
  }

  @Override
  public @Nullable ModelAndView resolveException(
      HttpServletRequest request,
      HttpServletResponse response,
      @Nullable Object handler,
      Exception failure) {
    BudgetExceededException denial = DenialProblem.denialIn(failure);
    if (denial == null || response.isCommitted()) {
      return null;
    }
    ResponseEntity<ProblemDetail> answer = DenialProblem.answer(denial, includeMessage);
    try {
      ModelAndView more =
          ServerResponse.status(answer.getStatusCode())
              .headers(headers -> DenialProblem.copy(answer.getHeaders(), headers))
              .body(DenialProblem.body(answer))
              .writeTo(request, response, converters::get);
      return more == null ? new ModelAndView() : more;
    } catch (IOException | ServletException unwritten) {
      return null;
    }
  }
}
