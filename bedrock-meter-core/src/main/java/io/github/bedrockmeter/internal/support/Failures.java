// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.support;

import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.ledger.LedgerSupport;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkServiceException;

/** What an exception from the SDK says about the call. */
public final class Failures {
  private Failures() {}

  /** What the SDK writes of earlier attempts that did not reach the service. */
  private static final List<String> NEVER_CONNECTED =
      List.of(
          "refused",
          "connect timed out",
          "Unable to connect",
          "No route",
          "UnknownHost",
          "Acquire operation took longer",
          "Maximum pending connection acquisitions exceeded",
          "Timeout waiting for connection from pool");

  /** The exception itself, without the wrappers of futures. */
  public static Throwable unwrapped(Throwable failure) {
    return LedgerSupport.unwrapped(failure);
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
   * Whether Bedrock may have billed a call whose sending was not seen, on its last attempt or on
   * one before.
   */
  public static boolean mayHaveBeenBilled(Throwable failure) {
    return lastMayHaveBeenBilled(failure) || earlierBilled(failure) > 0;
  }

  /**
   * Whether Bedrock may have billed the last attempt at a call whose sending was not seen. It has
   * not where it answered with an error, or where no connection was made: the SDK's own exception
   * with that as its direct cause. Anything else may have been billed, whatever its text or stack
   * says.
   */
  public static boolean lastMayHaveBeenBilled(Throwable failure) {
    Throwable last = unwrapped(failure);
    if (last instanceof SdkServiceException) {
      return false;
    }
    return !(last instanceof SdkClientException && neverConnected(direct(last)));
  }

  /**
   * How many attempts before the last one may have been billed. The SDK keeps their texts alone, as
   * suppressed exceptions; they can make a call chargeable, never free.
   */
  public static int earlierBilled(Throwable failure) {
    int billed = 0;
    for (Throwable earlier : unwrapped(failure).getSuppressed()) {
      if (earlierMayHaveBeenBilled(String.valueOf(earlier.getMessage()))) {
        billed++;
      }
    }
    return billed;
  }

  private static boolean earlierMayHaveBeenBilled(String text) {
    return text.startsWith("Request attempt")
        && !text.contains("Status Code:")
        && NEVER_CONNECTED.stream().noneMatch(text::contains);
  }

  /** The direct cause; the SDK wraps an unknown host in one exception of its own more. */
  private static @Nullable Throwable direct(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause != null && cause.getClass() == SdkClientException.class ? cause.getCause() : cause;
  }

  /** Exceptions that the JDK and the SDK's HTTP clients throw only where no connection was made. */
  private static boolean neverConnected(@Nullable Throwable cause) {
    return cause instanceof ConnectException
        || cause instanceof UnknownHostException
        || cause instanceof NoRouteToHostException;
  }
}
