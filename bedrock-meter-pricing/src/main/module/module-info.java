// SPDX-License-Identifier: Apache-2.0
module io.github.bedrockmeter.pricing {
  exports io.github.bedrockmeter.pricing;

  requires transitive io.github.bedrockmeter.core;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires com.github.benmanes.caffeine;
  requires org.slf4j;
  requires static software.amazon.awssdk.services.bedrock;
  requires static org.jspecify;
}
