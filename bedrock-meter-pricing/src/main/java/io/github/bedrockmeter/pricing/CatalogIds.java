// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OnceFor;
import io.github.bedrockmeter.usage.ModelId;
import java.util.Map;
import java.util.Set;
import org.slf4j.LoggerFactory;

/** Reads ids with the geographies and providers that a catalogue knows. Thread-safe. */
final class CatalogIds {
  /** Made when there is something to log: a program waits for its first catalogue. */
  private static final class Lazy {
    static final Log LOG = Log.to(LoggerFactory.getLogger(CatalogIds.class));
  }

  private final Map<String, PriceScope> scopes;
  private final ModelId.Grammar grammar;
  private final OnceFor<String> warned = new OnceFor<>(100);

  /**
   * @param scopes what each geography stands for
   * @param providers the makers of the catalogue's models
   */
  CatalogIds(Map<String, PriceScope> scopes, Set<String> providers) {
    this.scopes = Map.copyOf(scopes);
    this.grammar = ModelId.Grammar.standard().with(scopes.keySet(), providers);
  }

  ModelId read(String id) {
    return grammar.read(id);
  }

  /** How far a call may travel; a geography that the catalogue does not know is geographic. */
  PriceScope scopeOf(ModelId id) {
    String geography = id.geography();
    if (geography == null) {
      return PriceScope.IN_REGION;
    }
    PriceScope known = scopes.get(geography);
    if (known != null) {
      return known;
    }
    if (warned.isFirst(geography)) {
      Lazy.LOG.warn(
          "Profile prefix '{}.' is new to this price catalogue; '{}' is priced as a geographic"
              + " profile. Update the catalogue, or map the id with alias(..).",
          geography,
          id);
    }
    return PriceScope.GEO;
  }
}
