// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.whatif;

import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.SqlFiles;
import io.github.bedrockmeter.report.sheet.Sheet;

/**
 * What prompt caches saved and wasted, by the catalogue's prices of each call's day.
 *
 * <ul>
 *   <li>Saved by a read: what its tokens would have cost as input, less what they cost.
 *   <li>Premium of a write: what its tokens cost, less what they would have cost as input.
 *   <li>Wasted: the premium of writes that certainly no call read. No text of a prompt is known, so
 *       every read of the same account, region and model that began after the write and within its
 *       lifetime, counted from the end of the writing call, may have read it. A write that has no
 *       such read was not read by any call in the facts. Reads by calls that are not in the facts
 *       are not seen.
 *   <li>Open: writes whose lifetime had not ended with the last call in the facts.
 * </ul>
 *
 * <p>Runs once for a set of tables. Confined to one thread.
 */
public final class CacheValue {
  private final FactTables tables;

  private CacheValue(FactTables tables) {
    this.tables = tables;
  }

  /** Works out the calls in the tables, those within a time if the change names one. */
  public static CacheValue of(FactTables tables, PriceCatalog prices, Change within) {
    new RatedCalls(tables, prices, within).fill(true);
    tables.execute("cache/use");
    return new CacheValue(tables);
  }

  /** Tokens, dollars and advice by group, the largest waste first. */
  public Sheet by(Grouping grouping) {
    return Sheet.of("caches", tables.ask(grouping.into(SqlFiles.text("cache/sums"))));
  }
}
