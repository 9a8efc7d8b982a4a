// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import java.util.Collection;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailImageBlock;

/** Measures the texts of a request, through the SDK's own description of its types. Stateless. */
public final class Texts {
  private Texts() {}

  /** The characters of all texts in a request, wherever they stand. */
  public static long characters(@Nullable Object value) {
    if (value instanceof String text) {
      return text.length();
    }
    long sum = 0;
    if (value instanceof Collection<?> values) {
      for (Object each : values) {
        sum += characters(each);
      }
    } else if (value instanceof SdkPojo pojo) {
      for (SdkField<?> field : pojo.sdkFields()) {
        sum += characters(field.getValueOrDefault(pojo));
      }
    }
    return sum;
  }

  /** The images in a request to a guardrail. */
  public static long images(@Nullable Object value) {
    if (value instanceof GuardrailImageBlock) {
      return 1;
    }
    long sum = 0;
    if (value instanceof Collection<?> values) {
      for (Object each : values) {
        sum += images(each);
      }
    } else if (value instanceof SdkPojo pojo) {
      for (SdkField<?> field : pojo.sdkFields()) {
        sum += images(field.getValueOrDefault(pojo));
      }
    }
    return sum;
  }
}
