// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.whatif;

import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.SqlFiles;
import io.github.bedrockmeter.report.sheet.Sheet;

/**
 * What the same calls would have cost in another tier, of another model, by other prices or without
 * a cache: the tokens stay as they are. A call that cannot be priced again is listed with the
 * reason, and is in no sum.
 *
 * <pre>{@code
 * WhatIf flex = WhatIf.of(tables, PriceCatalog.bundled(), change);
 * Sheet byTeam = flex.by(Grouping.of(List.of("tag:team", "model")));
 * }</pre>
 *
 * <p>Runs once for a set of tables. Confined to one thread.
 */
public final class WhatIf {
  private final FactTables tables;

  private WhatIf(FactTables tables) {
    this.tables = tables;
  }

  /**
   * Prices the calls in the tables again.
   *
   * @throws IllegalArgumentException if no call names a model that is to be replaced, or the
   *     catalogue does not know the one that is to take its place
   */
  public static WhatIf of(FactTables tables, PriceCatalog prices, Change change) {
    for (String model : change.models().values()) {
      if (prices.modelOf(model).isEmpty()) {
        throw new IllegalArgumentException(
            "the price catalogue does not know the model '" + model + "'");
      }
    }
    new RatedCalls(tables, prices, change).fill(false);
    tables.execute("whatif/costs");
    return new WhatIf(tables);
  }

  /** Before, after and the difference by group, the largest first; exact. */
  public Sheet by(Grouping grouping) {
    return Sheet.of("groups", tables.ask(grouping.into(SqlFiles.text("whatif/sums"))))
        .withPercent("difference_usd", "before_usd");
  }

  /** Before, after and the difference of all calls; exact. */
  public Sheet total() {
    return Sheet.of("total", tables.query("whatif/total"))
        .withPercent("difference_usd", "before_usd");
  }

  /** The calls that are in no sum, by model and reason. */
  public Sheet leftOut() {
    return Sheet.of("left_out", tables.query("whatif/left-out"));
  }
}
