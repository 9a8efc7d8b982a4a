// SPDX-License-Identifier: Apache-2.0
module io.github.bedrockmeter.redis {
  exports io.github.bedrockmeter.redis;

  requires transitive io.github.bedrockmeter.core;
  requires transitive lettuce.core;
  requires com.github.benmanes.caffeine;
  requires org.slf4j;
  requires static org.jspecify;
}
