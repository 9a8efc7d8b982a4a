// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.web;

import io.github.bedrockmeter.budget.BudgetExceededException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;

/**
 * Answers a denial, also one in the causes of what a controller threw; servlets and WebFlux alike.
 * Last in order, so that an application's own advice is asked first. Immutable and thread-safe.
 */
@ControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
public final class DenialAdvice {
  private final boolean includeMessage;

  /** An advice whose answers have the denial's message, or do not. */
  public DenialAdvice(boolean includeMessage) {
    this.includeMessage = includeMessage;
  }

  /** The answer to a denial. */
  @ExceptionHandler
  public ResponseEntity<ProblemDetail> denied(BudgetExceededException exception) {
    return DenialProblem.answer(exception, includeMessage);
  }
}
