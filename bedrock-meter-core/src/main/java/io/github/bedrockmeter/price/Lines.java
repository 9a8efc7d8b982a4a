// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.price;

import io.github.bedrockmeter.usage.Usage;
import java.util.List;

/** Works out a cost's lines when they are asked for. Immutable. */
interface Lines {
  /** Meter, count, rate and amount of everything in a usage. */
  List<Cost.Line> lines(Usage usage);

  /** The catalogue version, or the name, of the rates. */
  String book();
}
