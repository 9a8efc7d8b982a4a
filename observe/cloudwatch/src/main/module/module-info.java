// SPDX-License-Identifier: Apache-2.0
module io.github.bedrockmeter.cloudwatch {
  exports io.github.bedrockmeter.cloudwatch;

  requires transitive io.github.bedrockmeter.core;
  requires com.fasterxml.jackson.core;
  requires org.slf4j;
  requires static org.jspecify;
}
