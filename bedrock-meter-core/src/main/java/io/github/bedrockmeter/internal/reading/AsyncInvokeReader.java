// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import software.amazon.awssdk.services.bedrockruntime.model.StartAsyncInvokeRequest;

/** Reads what a StartAsyncInvoke will be billed for; only the request states it. */
final class AsyncInvokeReader {
  private AsyncInvokeReader() {}

  static Reading read(StartAsyncInvokeRequest request) {
    Facts asked = new Facts();
    DocumentFacts.read(request.modelInput(), Shapes.REQUEST, asked);
    Facts nothing = new Facts();
    Verdict verdict = new Verdict(nothing, false);
    Units units = new Units(nothing, asked, verdict);
    units(Family.kindOf(request.modelId()), units, verdict);
    return verdict.reading(null, null);
  }

  static void units(Family.Kind kind, Units units, Verdict verdict) {
    switch (kind) {
      case REEL -> units.reel();
      case LUMA -> units.luma();
      case MARENGO -> units.marengo();
      case MEDIA_EMBEDDING -> {
        verdict.tokens(!units.hasMedia(), false);
        units.media();
      }
      default -> {} // no asynchronous model we know: nothing is found
    }
  }
}
