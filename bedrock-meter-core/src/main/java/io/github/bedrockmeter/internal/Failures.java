// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal;

import io.github.bedrockmeter.call.CallOutcome;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLHandshakeException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkServiceException;

/** What an exception from the SDK tells about the call. */
final class Failures {
  private Failures() {}

  /** The exception itself, without the wrappers of futures. */
  static Throwable unwrapped(Throwable failure) {
    Throwable inner = failure;
    while ((inner instanceof CompletionException || inner instanceof ExecutionException)
        && inner.getCause() != null) {
      inner = inner.getCause();
    }
    return inner;
  }

  /** How the call ended, for its event: names and numbers, no message. */
  static CallOutcome outcome(Throwable failure) {
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
   * decode) may have been.
   */
  static boolean mayHaveBeenBilled(Throwable failure) {
    Throwable inner = unwrapped(failure);
    if (inner instanceof SdkServiceException) {
      return false;
    }
    for (Throwable cause = inner; cause != null; cause = cause.getCause()) {
      if (neverConnected(cause)) {
        return false;
      }
    }
    // The SDK checks parameters, and looks up region and credentials, before it connects.
    return !(inner instanceof NullPointerException
        || inner instanceof IllegalArgumentException
        || inner instanceof UnsupportedOperationException
        || (inner instanceof SdkClientException && isBeforeSending(inner)));
  }

  private static boolean neverConnected(Throwable cause) {
    return cause instanceof ConnectException
        || cause instanceof UnknownHostException
        || cause instanceof NoRouteToHostException
        || cause instanceof SSLHandshakeException
        || cause.getClass().getSimpleName().contains("ConnectTimeout");
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
