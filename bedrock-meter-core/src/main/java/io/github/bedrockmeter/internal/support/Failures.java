// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.support;

import io.github.bedrockmeter.call.CallOutcome;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLHandshakeException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkServiceException;

/** What an exception from the SDK says about the call. */
public final class Failures {
  private Failures() {}

  /** Longer chains of causes are circles. */
  private static final int LONGEST_CHAIN = 50;

  /** What the SDK writes of earlier attempts that did not reach the service. */
  private static final List<String> NEVER_CONNECTED =
      List.of("refused", "connect timed out", "Unable to connect", "No route", "UnknownHost");

  /** What the SDK's clients write when they have no connection to spare. */
  private static final List<String> POOL_EXHAUSTED =
      List.of(
          "Acquire operation took longer",
          "Maximum pending connection acquisitions exceeded",
          "Timeout waiting for connection from pool");

  /** What the exceptions of connections that were not made are called. */
  private static final List<String> CONNECTION_TIMEOUTS =
      List.of("ConnectTimeout", "ConnectionRequestTimeout", "ConnectionPoolTimeout");

  /** The exception itself, without the wrappers of futures. */
  public static Throwable unwrapped(Throwable failure) {
    Throwable inner = failure;
    for (int i = 0; i < LONGEST_CHAIN; i++) {
      Throwable cause = inner.getCause();
      if (cause == null
          || !(inner instanceof CompletionException || inner instanceof ExecutionException)) {
        break;
      }
      inner = cause;
    }
    return inner;
  }

  /** How the call ended, for its event: names and numbers, no message. */
  public static CallOutcome outcome(Throwable failure) {
    Throwable inner = unwrapped(failure);
    if (inner instanceof CancellationException) {
      return new CallOutcome.Cancelled();
    }
    String name = inner.getClass().getSimpleName();
    return inner instanceof SdkServiceException answer
        ? new CallOutcome.Failed(name, answer.statusCode(), answer.requestId())
        : new CallOutcome.Failed(name, 0, null);
  }

  /**
   * Whether Bedrock may have billed a call that failed so. An error it answered with is not billed,
   * and a call that never left is not. Anything else (a timeout, a reset, an answer the SDK cannot
   * decode) may have been; also on an earlier attempt, which the SDK attaches as suppressed.
   */
  public static boolean mayHaveBeenBilled(Throwable failure) {
    Throwable last = unwrapped(failure);
    for (Throwable earlier : last.getSuppressed()) {
      if (earlierMayHaveBeenBilled(earlier)) {
        return true;
      }
    }
    return lastMayHaveBeenBilled(last);
  }

  /** The SDK keeps only the message of an earlier attempt's failure. */
  private static boolean earlierMayHaveBeenBilled(Throwable earlier) {
    String message = String.valueOf(earlier.getMessage());
    return message.startsWith("Request attempt")
        && !message.contains("Status Code:")
        && NEVER_CONNECTED.stream().noneMatch(message::contains)
        && POOL_EXHAUSTED.stream().noneMatch(message::contains);
  }

  /** Like {@link #mayHaveBeenBilled}, of the last attempt alone. */
  public static boolean lastMayHaveBeenBilled(Throwable failure) {
    Throwable last = unwrapped(failure);
    if (last instanceof SdkServiceException) {
      return false;
    }
    Throwable cause = last;
    for (int i = 0; cause != null && i < LONGEST_CHAIN; i++) {
      if (neverConnected(cause)) {
        return false;
      }
      cause = cause.getCause();
    }
    // The SDK checks parameters, and looks up region and credentials, before it connects.
    return !(last instanceof NullPointerException
        || last instanceof IllegalArgumentException
        || last instanceof UnsupportedOperationException
        || (last instanceof SdkClientException && isBeforeSending(last)));
  }

  private static boolean neverConnected(Throwable cause) {
    return cause instanceof ConnectException
        || cause instanceof UnknownHostException
        || cause instanceof NoRouteToHostException
        || cause instanceof SSLHandshakeException
        || CONNECTION_TIMEOUTS.stream().anyMatch(cause.getClass().getSimpleName()::contains)
        || POOL_EXHAUSTED.stream().anyMatch(String.valueOf(cause.getMessage())::startsWith);
  }

  private static boolean isBeforeSending(Throwable failure) {
    for (StackTraceElement frame : failure.getStackTrace()) {
      String type = frame.getClassName();
      if (type.contains(".auth.credentials.") || type.contains("Marshaller")) {
        return true;
      }
    }
    return false;
  }
}
