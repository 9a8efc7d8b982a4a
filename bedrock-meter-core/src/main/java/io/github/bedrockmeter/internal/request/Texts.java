// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import java.util.Collection;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailImageBlock;

/** Measures the texts of a request, through the SDK's own description of its types. Stateless. */
public final class Texts {
  /** What is measured by its parts. */
  private static final long GO_ON = -1;

  private Texts() {}

  /** The characters of all texts in a request, wherever they stand. */
  public static long characters(@Nullable Object value) {
    return sum(value, each -> each instanceof String text ? text.length() : GO_ON);
  }

  /** The images in a request to a guardrail. */
  public static long images(@Nullable Object value) {
    return sum(value, each -> each instanceof GuardrailImageBlock ? 1 : GO_ON);
  }

  private static long sum(@Nullable Object value, ToLongFunction<@Nullable Object> measured) {
    long own = measured.applyAsLong(value);
    if (own != GO_ON) {
      return own;
    }
    long sum = 0;
    if (value instanceof Collection<?> values) {
      for (Object each : values) {
        sum += sum(each, measured);
      }
    } else if (value instanceof SdkPojo pojo) {
      for (SdkField<?> field : pojo.sdkFields()) {
        sum += sum(field.getValueOrDefault(pojo), measured);
      }
    }
    return sum;
  }
}
