// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budget;

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

  /** An exception for this denial; its cause is the denial's. */
  public BudgetExceededException(BudgetDecision.Denied denial) {
    super(builder(denial));
    this.denial = denial;
  }

  /** Which budget said no, what the call needed and what was left. */
  public BudgetDecision.Denied denial() {
    return denial;
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
