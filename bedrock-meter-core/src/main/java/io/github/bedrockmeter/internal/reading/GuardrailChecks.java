// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;

/**
 * Reads an InvokeGuardrailChecks response. Older SDKs do not have the class, so its fields are
 * asked for by name.
 */
final class GuardrailChecks {
  private static final List<String> CHECKS =
      List.of("contentFilter", "promptAttack", "sensitiveInformation");

  private GuardrailChecks() {}

  static Reading read(SdkPojo response) {
    Verdict verdict = new Verdict(new Facts(), false);
    if (field(response, "usage") instanceof SdkPojo usage) {
      for (String check : CHECKS) {
        if (field(usage, check) instanceof SdkPojo counted
            && field(counted, "textUnits") instanceof Integer units
            && Facts.isCount(units)) {
          verdict.put(Meter.guardrailUnits(check), units, Source.BODY);
        }
      }
    }
    return verdict.reading(null, null);
  }

  private static @Nullable Object field(SdkPojo pojo, String name) {
    for (SdkField<?> field : pojo.sdkFields()) {
      if (field.locationName().equals(name)) {
        return field.getValueOrDefault(pojo);
      }
    }
    return null;
  }
}
