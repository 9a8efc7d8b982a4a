// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every operation of Bedrock Runtime, and what the meter does with it. */
public enum Operation {
  CONVERSE("converse", Kind.METERED),
  CONVERSE_STREAM("converseStream", Kind.METERED),
  INVOKE_MODEL("invokeModel", Kind.METERED),
  INVOKE_MODEL_WITH_RESPONSE_STREAM("invokeModelWithResponseStream", Kind.METERED),
  INVOKE_MODEL_WITH_BIDIRECTIONAL_STREAM("invokeModelWithBidirectionalStream", Kind.METERED),
  START_ASYNC_INVOKE("startAsyncInvoke", Kind.METERED),
  APPLY_GUARDRAIL("applyGuardrail", Kind.METERED),
  INVOKE_GUARDRAIL_CHECKS("invokeGuardrailChecks", Kind.METERED),

  COUNT_TOKENS("countTokens", Kind.FREE),
  GET_ASYNC_INVOKE("getAsyncInvoke", Kind.FREE),
  LIST_ASYNC_INVOKES("listAsyncInvokes", Kind.FREE),
  LIST_ASYNC_INVOKES_PAGINATOR("listAsyncInvokesPaginator", Kind.FREE);

  /** What the meter does with an operation. */
  public enum Kind {
    /** Estimated, reserved, read and settled. */
    METERED,
    /** Costs nothing and passes through. */
    FREE
  }

  private static final Map<String, Operation> BY_METHOD = new HashMap<>();
  private static final Map<String, Operation> BY_NAME = new HashMap<>();

  static {
    for (Operation operation : values()) {
      BY_METHOD.put(operation.methodName, operation);
      BY_NAME.put(operation.awsName, operation);
    }
  }

  private final String methodName;
  private final String awsName;
  private final Kind kind;

  Operation(String methodName, Kind kind) {
    this.methodName = methodName;
    this.awsName = Character.toUpperCase(methodName.charAt(0)) + methodName.substring(1);
    this.kind = kind;
  }

  /** The operation behind a client's method; null for one the SDK added after we were written. */
  public static @Nullable Operation ofMethod(String methodName) {
    return BY_METHOD.get(methodName);
  }

  /** The operation of Bedrock's name; null for one the SDK added after we were written. */
  public static @Nullable Operation ofAwsName(String awsName) {
    return BY_NAME.get(awsName);
  }

  /** Bedrock's name, as its logs have it. */
  public String awsName() {
    return awsName;
  }

  /** What the meter does with it. */
  public Kind kind() {
    return kind;
  }
}
