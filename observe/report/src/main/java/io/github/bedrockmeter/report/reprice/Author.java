// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reprice;

import java.time.Instant;

/**
 * Who changes the journal, when and why; kept with every call that is changed. Immutable.
 *
 * @param by a person's or a program's name
 * @param at when
 */
public record Author(String by, String reason, Instant at) {
  public Author {
    if (by.isBlank()) {
      throw new IllegalArgumentException("by must not be blank, as anna");
    }
    if (reason.isBlank()) {
      throw new IllegalArgumentException("reason must not be blank, as 'prices of 2026-11'");
    }
  }
}
