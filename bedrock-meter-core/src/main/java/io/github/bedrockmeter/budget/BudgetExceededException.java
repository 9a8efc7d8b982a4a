// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeException;

/**
 * A budget, or another policy, stopped a call before it was sent.
 *
 * <p>It is one of Bedrock's own exceptions, with HTTP status 402, so that code which handles those
 * handles it, and so that neither the SDK nor a framework above it takes it for a throttle or a
 * network fault and tries again.
 */
public final class BudgetExceededException extends BedrockRuntimeException {
  private static final int PAYMENT_REQUIRED = 402;

  private final BudgetDecision.Denied denial;
  private final @Nullable String callId;

  /** An exception for this denial; its cause is the denial's. */
  public BudgetExceededException(BudgetDecision.Denied denial) {
    this(denial, null);
  }

  /**
   * Like {@link #BudgetExceededException(BudgetDecision.Denied)}, for a call.
   *
   * @param callId the call's id, as its events have it; null where there is none
   */
  public BudgetExceededException(BudgetDecision.Denied denial, @Nullable String callId) {
    super(builder(denial));
    this.denial = denial;
    this.callId = callId;
  }

  /** Which budget said no, what the call needed and what was left. */
  public BudgetDecision.Denied denial() {
    return denial;
  }

  /** The id of the denied call, as its events have it; null where it has none. */
  public @Nullable String callId() {
    return callId;
  }

  /**
   * {@code denial().message()}, as it is: no request was made that an SDK suffix could describe.
   */
  @Override
  public String getMessage() {
    return denial.message();
  }

  @Override
  public boolean retryable() {
    return false;
  }

  private static BedrockRuntimeException.Builder builder(BudgetDecision.Denied denial) {
    // Code that handles AWS's exceptions, the SDK's retry strategies included, reads the details
    // without asking whether there are any.
    AwsErrorDetails details =
        AwsErrorDetails.builder()
            .serviceName("BedrockRuntime")
            .errorCode(BudgetExceededException.class.getSimpleName())
            .errorMessage(denial.message())
            .build();
    return BedrockRuntimeException.builder()
        .message(denial.message())
        .statusCode(PAYMENT_REQUIRED)
        .awsErrorDetails(details)
        .cause(denial.cause());
  }
}
