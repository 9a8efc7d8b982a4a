// SPDX-License-Identifier: Apache-2.0
module io.github.bedrockmeter.dynamodb {
  exports io.github.bedrockmeter.dynamodb;

  requires transitive io.github.bedrockmeter.core;
  requires transitive software.amazon.awssdk.services.dynamodb;
  requires org.slf4j;
  requires static org.jspecify;
}
