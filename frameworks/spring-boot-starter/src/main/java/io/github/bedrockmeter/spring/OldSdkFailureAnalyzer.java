// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says at start that the AWS SDK is too old, and what to import. Stateless. */
final class OldSdkFailureAnalyzer extends AbstractFailureAnalyzer<IllegalStateException> {
  private static final String BEGINNING = "AWS SDK for Java ";

  OldSdkFailureAnalyzer() {}

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable root, IllegalStateException cause) {
    for (Throwable failure = cause; failure != null; failure = failure.getCause()) {
      String message = failure.getMessage();
      int sentence = message == null ? -1 : message.indexOf("Import the SDK's BOM");
      if (message != null && message.startsWith(BEGINNING) && sentence > 0) {
        return new FailureAnalysis(
            message.substring(0, sentence).strip(), message.substring(sentence), root);
      }
    }
    return null;
  }
}
