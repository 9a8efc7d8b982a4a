// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

/**
 * Where the bodies in an invocation log state what a call consumed: as in the answers themselves,
 * and as Converse's answers are written in JSON.
 */
final class LogShapes {
  /** A body that is one object: of InvokeModel, Converse or ConverseStream. */
  static final Shape ANSWER = answer();

  /** The body of a request. */
  static final Shape REQUEST = request();

  private LogShapes() {}

  private static Shape answer() {
    Shape answer = Shapes.body();
    answer.word("serviceTier.type", Field.TIER);
    // The reader of records notices these itself.
    answer.ignore("metrics", "latencyMs").ignore("performanceConfig", "latency");
    answer.word("trace.promptRouter.invokedModelId", Field.MODEL);
    answer.ceiling("outputVideoDurationSeconds", Field.SECONDS);
    String trace = "trace.guardrail.";
    for (Field.Policy policy : Field.POLICIES) {
      String units = ".invocationMetrics.usage." + policy.wireName();
      answer.sum(trace + "inputAssessment.*" + units, policy.field());
      // By the API a list for each guardrail; recorded logs have a list of objects by guardrail.
      answer.sum(trace + "outputAssessments.*[]" + units, policy.field());
      answer.sum(trace + "outputAssessments[].*" + units, policy.field());
    }
    return answer;
  }

  private static Shape request() {
    return RequestShapes.request()
        .word("serviceTier.type", Field.TIER)
        .word("service_tier", Field.TIER)
        .ignore("performanceConfig", "latency");
  }
}
