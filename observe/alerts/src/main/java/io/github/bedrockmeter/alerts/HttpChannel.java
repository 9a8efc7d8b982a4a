// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Posts messages to a URL, which is a secret: it is in no message, log line or {@code toString}.
 * Confined to one thread.
 */
final class HttpChannel implements AlertChannel {
  /** What a try may take, the answer's body included. */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final String name;
  private final URI target;
  private final Form form;
  private @Nullable HttpClient client;

  HttpChannel(String name, URI target, Form form) {
    this.name = name;
    this.target = target;
    this.form = form;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void send(AlertMessage message) throws AlertNotSentException, InterruptedException {
    byte[] body = form.body(message);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json; charset=utf-8")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    form.headers(message, body).forEach(request::header);
    HttpResponse<Void> answer = answer(request.build());
    int status = answer.statusCode();
    if (status / 100 != 2) {
      throw refused(status, retryAfter(answer));
    }
  }

  /** The answer, within the timeout, its body included. */
  private HttpResponse<Void> answer(HttpRequest request)
      throws AlertNotSentException, InterruptedException {
    CompletableFuture<HttpResponse<Void>> answer =
        client().sendAsync(request, HttpResponse.BodyHandlers.discarding());
    try {
      return answer.get(TIMEOUT.toMillis() + 500, TimeUnit.MILLISECONDS);
    } catch (ExecutionException failure) {
      throw unanswered(failure.getCause());
    } catch (TimeoutException late) {
      throw unanswered(new HttpTimeoutException(""));
    } finally {
      answer.cancel(true);
    }
  }

  private HttpClient client() {
    HttpClient made = client;
    if (made == null) {
      made =
          HttpClient.newBuilder()
              .connectTimeout(TIMEOUT)
              .followRedirects(HttpClient.Redirect.NEVER)
              .version(HttpClient.Version.HTTP_1_1)
              .build();
      client = made;
    }
    return made;
  }

  private static AlertNotSentException unanswered(@Nullable Throwable failure) {
    if (failure instanceof HttpTimeoutException) {
      return new AlertNotSentException(
          "no answer within " + TIMEOUT.toSeconds() + " s", true, null);
    }
    String what = failure == null ? "no reason" : failure.getClass().getSimpleName();
    if (failure instanceof SSLException) {
      return new AlertNotSentException("TLS failed: " + what, true, null);
    }
    return new AlertNotSentException("no answer: " + what, failure instanceof IOException, null);
  }

  private static AlertNotSentException refused(int status, @Nullable Duration retryAfter) {
    boolean mayRetry = status >= 500 || status == 429 || status == 408 || status == 425;
    String hint =
        switch (status) {
          case 301, 302, 303, 307, 308 -> "; redirects are not followed: use the address itself";
          case 401, 403 -> "; the webhook does not take this message, or not from here";
          case 404, 410 -> "; the webhook was deleted, or its channel: make a new one";
          case 413 -> "; the message is too large for it";
          default -> "";
        };
    return new AlertNotSentException("answered " + status + hint, mayRetry, retryAfter);
  }

  /** Seconds, or a date. */
  private static @Nullable Duration retryAfter(HttpResponse<?> answer) {
    String value = answer.headers().firstValue("Retry-After").orElse("").strip();
    if (value.matches("\\d{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(value));
    }
    try {
      Instant until = DateTimeFormatter.RFC_1123_DATE_TIME.parse(value, Instant::from);
      Duration wait = Duration.between(date(answer), until);
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeException none) {
      return null;
    }
  }

  /** What time it is for the server. */
  private static Instant date(HttpResponse<?> answer) {
    try {
      return DateTimeFormatter.RFC_1123_DATE_TIME.parse(
          answer.headers().firstValue("Date").orElse(""), Instant::from);
    } catch (DateTimeException none) {
      return Instant.now();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
