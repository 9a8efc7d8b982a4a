// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter;

/** How much tests try that try at random. Stateless. */
public final class Effort {
  /** How many times as much: five in the build with the profile {@code long}, else once. */
  public static final int TIMES = Integer.getInteger("bedrockmeter.effort", 1);

  private Effort() {}
}
