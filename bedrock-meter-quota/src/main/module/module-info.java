// SPDX-License-Identifier: Apache-2.0
module io.github.bedrockmeter.quota {
  exports io.github.bedrockmeter.quota;

  requires transitive io.github.bedrockmeter.core;
  requires com.fasterxml.jackson.databind;
  requires io.github.bucket4j.core;
  requires org.slf4j;
  requires static org.jspecify;
}
