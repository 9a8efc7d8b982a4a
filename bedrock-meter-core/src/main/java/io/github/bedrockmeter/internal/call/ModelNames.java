// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.internal.text.Escaped;
import java.util.HashMap;
import java.util.Map;

/** The model names that a meter's builder is given. Mutable, confined to one thread. */
public final class ModelNames {
  private final Map<String, String> ids = new HashMap<>();

  /** A name for a model id; a name stands for one id. */
  public void add(String name, String modelId) {
    if (name.isBlank() || modelId.isBlank()) {
      throw new IllegalArgumentException(
          "a model name and its model id must not be blank: '"
              + Escaped.text(name)
              + "' for '"
              + Escaped.text(modelId)
              + "'");
    }
    String other = ids.putIfAbsent(name, modelId);
    if (other != null && !other.equals(modelId)) {
      throw new IllegalArgumentException(
          "model name '"
              + Escaped.text(name)
              + "' stands for '"
              + Escaped.text(other)
              + "' already, not for '"
              + Escaped.text(modelId)
              + "'");
    }
  }

  /** The ids by their names. */
  public Map<String, String> ids() {
    return ids;
  }
}
