// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.web;

import io.github.bedrockmeter.budget.BudgetDecision.Denied;
import io.github.bedrockmeter.budget.BudgetExceededException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;

/**
 * A denial as an HTTP answer: a problem detail (RFC 9457) with the status of the denial's kind, and
 * {@code Retry-After} where waiting helps. For exception handlers of your own, too. Stateless.
 */
public final class DenialProblem {
  private DenialProblem() {}

  /**
   * The answer: {@code title} is the kind's label, {@code kind} its name, {@code callId} the call
   * as events and logs name it.
   *
   * @param includeMessage whether {@code detail} is the denial's message, which names the budget
   *     and amounts; left out where those who call the application should not read them
   */
  public static ResponseEntity<ProblemDetail> answer(
      BudgetExceededException exception, boolean includeMessage) {
    Denied denial = exception.denial();
    ProblemDetail problem =
        ProblemDetail.forStatus(HttpStatusCode.valueOf(denial.kind().httpStatus()));
    problem.setTitle(denial.kind().label());
    problem.setDetail(includeMessage ? denial.message() : null);
    problem.setProperty("kind", denial.kind().name().toLowerCase(Locale.ROOT));
    if (exception.callId() != null) {
      problem.setProperty("callId", exception.callId());
    }
    HttpHeaders headers = new HttpHeaders();
    headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    Long seconds = retryAfterSeconds(denial.retryAfter());
    if (seconds != null) {
      headers.set(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
      problem.setProperty("retryAfterSeconds", seconds);
    }
    return ResponseEntity.status(problem.getStatus()).headers(headers).body(problem);
  }

  /** The denial among the causes, as an exception handler finds it; null if there is none. */
  static @Nullable BudgetExceededException denialIn(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BudgetExceededException denial) {
        return denial;
      }
    }
    return null;
  }

  /** One by one: as a map, headers differ between the generations of Spring. */
  static void copy(HttpHeaders from, HttpHeaders to) {
    to.setContentType(from.getContentType());
    String retryAfter = from.getFirst(HttpHeaders.RETRY_AFTER);
    if (retryAfter != null) {
      to.set(HttpHeaders.RETRY_AFTER, retryAfter);
    }
  }

  /** The problem detail of an answer. */
  static ProblemDetail body(ResponseEntity<ProblemDetail> answer) {
    return Objects.requireNonNull(answer.getBody());
  }

  /** Whole seconds, rounded up, so that a retry after them does not come too early. */
  private static @Nullable Long retryAfterSeconds(@Nullable Duration wait) {
    return wait == null ? null : Math.max(1, wait.plusNanos(999_999_999).toSeconds());
  }
}
