// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.pricing.PriceCatalog;
import java.io.ByteArrayInputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;

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

  /**
   * The catalogue as it ships with another over it, whose text goes along to other machines.
   *
   * @param name what it is called where prices are named
   * @param catalogue the text of a catalogue file
   */
  static PriceSource overlaid(String name, String catalogue) {
    return () ->
        PriceCatalog.builder()
            .overlay(name, new ByteArrayInputStream(catalogue.getBytes(StandardCharsets.UTF_8)))
            .build();
  }
}
