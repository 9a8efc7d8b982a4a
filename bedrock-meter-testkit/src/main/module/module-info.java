// SPDX-License-Identifier: Apache-2.0
module io.github.bedrockmeter.testkit {
  exports io.github.bedrockmeter.testkit.contract;
  exports io.github.bedrockmeter.testkit.listener;
  exports io.github.bedrockmeter.testkit.sample;

  requires transitive io.github.bedrockmeter.core;
  requires transitive io.github.bedrockmeter.fakebedrock;
  requires static org.assertj.core;
  requires static org.junit.jupiter.api;
  requires static org.jspecify;
}
