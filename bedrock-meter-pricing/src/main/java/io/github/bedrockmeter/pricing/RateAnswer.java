// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import io.github.bedrockmeter.price.Rates;

/** A catalogue's answer to a {@link PriceQuery}. */
public sealed interface RateAnswer {

  /**
   * The rates that apply; a meter they lack is unknown, not free.
   *
   * @param rates each rate with the way it was found and its source
   */
  record Found(Rates rates) implements RateAnswer {}

  /**
   * No rate applies.
   *
   * @param reason what is missing and what to do, in words an operator can act on
   */
  record Missing(String reason) implements RateAnswer {}
}
