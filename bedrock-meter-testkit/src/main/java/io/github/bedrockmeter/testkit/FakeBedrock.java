// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

/** Placeholder. */
public final class FakeBedrock {
  private FakeBedrock() {}
}
