// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says at start which property is wrong, instead of a stack trace. Stateless. */
final class PropertiesFailureAnalyzer extends AbstractFailureAnalyzer<InvalidPropertiesException> {
  PropertiesFailureAnalyzer() {}

  @Override
  protected FailureAnalysis analyze(Throwable root, InvalidPropertiesException cause) {
    StringBuilder description =
        new StringBuilder("bedrock-meter cannot do what these properties say:\n");
    cause.problems().forEach(problem -> description.append("\n    ").append(problem));
    return new FailureAnalysis(
        description.toString(), "Correct them; docs/spring.md lists all properties.", root);
  }
}
