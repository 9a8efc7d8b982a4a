// SPDX-License-Identifier: Apache-2.0
module io.github.bedrockmeter.micrometer {
  exports io.github.bedrockmeter.micrometer;

  requires transitive io.github.bedrockmeter.core;
  requires transitive micrometer.core;
  requires org.slf4j;
  requires static org.jspecify;
}
