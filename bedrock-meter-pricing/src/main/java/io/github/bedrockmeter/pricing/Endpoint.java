// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.util.Locale;

/** The service a call is sent to. A few models cost differently on the two. */
public enum Endpoint implements Labels.Labelled {
  /** Bedrock Runtime, the one the AWS SDK's clients call. */
  RUNTIME,
  /** The OpenAI-compatible endpoint. A price the catalogue has for runtime alone holds here too. */
  MANTLE;

  /** The name used in catalogue files. */
  @Override
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Endpoint named(String label) {
    return Labels.named("endpoint", label, values());
  }
}
