// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage.Source;
import org.jspecify.annotations.Nullable;

/**
 * What a logged call consumed, by the rules of its operation's reader. A body that the record does
 * not have, since it was too large for it, states nothing: what only it could show is missing.
 * Confined to one thread.
 */
final class LogVerdict {
  private final @Nullable String modelId;
  private final Facts answer;
  private final Facts request;
  private final boolean hasRequestBody;
  private final boolean hasAnswerBody;

  LogVerdict(
      @Nullable String modelId,
      Facts answer,
      Facts request,
      boolean hasRequestBody,
      boolean hasAnswerBody) {
    this.modelId = modelId;
    this.answer = answer;
    this.request = request;
    this.hasRequestBody = hasRequestBody;
    this.hasAnswerBody = hasAnswerBody;
  }

  /**
   * The verdict on the counts.
   *
   * @param operation as AWS writes it; null and unknown ones are judged by what they state
   * @param intervened whether Converse's answer says that a guardrail intervened
   */
  Verdict of(@Nullable String operation, boolean intervened) {
    return switch (operation == null ? "" : operation) {
      case "Converse", "ConverseStream" -> {
        SharedInput.judge(answer, modelId);
        yield new Verdict(answer, intervened).tokens(true, true);
      }
      case "InvokeModel" -> {
        Family.Kind kind = Family.kindOf(modelId);
        Verdict verdict = new Verdict(answer, InvokeModelReader.blocked(answer));
        invoked(kind == Family.Kind.OPAQUE ? InvokeModelReader.kindOf(answer) : kind, verdict);
        yield verdict;
      }
      case "InvokeModelWithResponseStream" ->
          new Verdict(answer, InvokeModelReader.blocked(answer)).tokens(true, true);
      case "StartAsyncInvoke" -> startedAsync();
      default -> new Verdict(answer, false).tokens(false, false);
    };
  }

  private void invoked(Family.Kind kind, Verdict verdict) {
    boolean bodiesCount = !kind.countsOnlyTokens();
    if (bodiesCount && !hasRequestBody) {
      withoutRequest(kind, verdict);
    } else {
      InvokeModelReader.count(kind, () -> request, answer, verdict);
    }
  }

  /** Only the request states what is charged, and the record does not have it. */
  private void withoutRequest(Family.Kind kind, Verdict verdict) {
    verdict.tokens(false, kind == Family.Kind.PEGASUS);
    switch (kind) {
      case CANVAS, TITAN_IMAGE, SDXL -> verdict.miss(Meter.outputImages());
      case IMAGES -> {
        if (hasAnswerBody) {
          new Units(answer, request, verdict).images(kind);
        } else {
          verdict.miss(Meter.outputImages());
        }
      }
      case RERANK -> {
        if (answer.has(Field.SEARCH_UNITS)) {
          new Units(answer, request, verdict).searchUnits();
        } else {
          verdict.miss(Meter.SEARCH_UNITS);
        }
      }
      case MEDIA_EMBEDDING -> {
        // No token was counted, so that it was an image.
        if (answer.has(Field.HEADER_INPUT) && answer.number(Field.HEADER_INPUT) == 0) {
          verdict.put(Meter.inputImages(), 1, Source.INFERRED);
        } else if (!answer.has(Field.HEADER_INPUT)) {
          verdict.miss(Meter.INPUT);
        }
      }
      case MARENGO -> verdict.miss(Units.REQUESTS);
      case PEGASUS -> verdict.miss(Units.INPUT_VIDEO);
      default -> {}
    }
  }

  private Verdict startedAsync() {
    if (answer.has(Field.SECONDS)) {
      request.state(Field.SECONDS, answer.number(Field.SECONDS));
    }
    Verdict verdict = new Verdict(answer, false);
    Units units = new Units(answer, request, verdict);
    if (hasRequestBody || request.has(Field.SECONDS)) {
      AsyncInvokeReader.units(Family.kindOf(modelId), units, verdict);
    }
    return verdict;
  }
}
