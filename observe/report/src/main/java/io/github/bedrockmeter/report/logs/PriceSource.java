// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.pricing.PriceCatalog;
import java.io.Serializable;

/**
 * Where a price book comes from, on whatever machine it is needed: a book itself cannot be sent.
 */
@FunctionalInterface
public interface PriceSource extends Serializable {
  /** The book; asked once by each reader. */
  PriceBook book();

  /** List prices, of the catalogue as it ships. */
  static PriceSource catalog() {
    return PriceCatalog::bundled;
  }
}
