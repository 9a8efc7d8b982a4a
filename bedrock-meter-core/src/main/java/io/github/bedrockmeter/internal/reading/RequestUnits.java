// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the meters that are no tokens from an InvokeModel request alone, before it is sent: the
 * images or documents a reservation starts from. Takes in the tokens of a parser that its caller
 * drives, so that a body is parsed once. Confined to one thread.
 */
public final class RequestUnits {
  private final Family.Kind kind;
  private final Facts asked = new Facts();
  private final JsonFacts collected = new JsonFacts(Shapes.REQUEST, asked);

  private RequestUnits(Family.Kind kind) {
    this.kind = kind;
  }

  /** For a request to a model; null if the model counts only tokens. */
  public static @Nullable RequestUnits of(@Nullable String modelId) {
    Family.Kind kind = Family.kindOf(modelId);
    return kind.countsOnlyTokens() ? null : new RequestUnits(kind);
  }

  /** Takes in the token at which a parser stands. */
  public void accept(JsonParser json, JsonToken token) throws IOException {
    collected.accept(json, token);
  }

  /** The body is no JSON from here on. */
  public void unreadable(Exception failure) {
    asked.unreadable(failure.getClass().getSimpleName());
  }

  /** What the request asks for, as far as it says. */
  public Reading reading() {
    Facts nothing = new Facts();
    Verdict verdict = new Verdict(nothing, false);
    InvokeModelReader.units(kind, new Units(nothing, asked, verdict));
    return verdict.reading(null, null);
  }
}
