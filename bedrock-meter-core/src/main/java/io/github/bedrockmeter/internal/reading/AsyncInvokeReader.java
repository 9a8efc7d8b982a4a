// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Anomaly;
import software.amazon.awssdk.services.bedrockruntime.model.StartAsyncInvokeRequest;

/** Reads what a StartAsyncInvoke will be billed for; only the request tells. */
final class AsyncInvokeReader {
  private AsyncInvokeReader() {}

  static Reading read(StartAsyncInvokeRequest request) {
    Facts asked = new Facts();
    DocumentFacts.read(request.modelInput(), Shapes.REQUEST, asked);
    Facts response = new Facts();
    Verdict verdict = new Verdict(response, false);
    Units units = new Units(response, asked, verdict);
    switch (Family.kindOf(request.modelId())) {
      case REEL -> units.reel();
      case LUMA -> units.luma();
      case MARENGO -> units.marengo();
      case MEDIA_EMBEDDING -> {
        verdict.tokens(!units.hasMedia(), false);
        units.media();
      }
      default -> response.note(Anomaly.Kind.USAGE_MISSING, "no known asynchronous model");
    }
    return verdict.reading(null, null);
  }
}
