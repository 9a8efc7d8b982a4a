// SPDX-License-Identifier: Apache-2.0
module io.github.bedrockmeter.alerts {
  exports io.github.bedrockmeter.alerts;

  requires transitive io.github.bedrockmeter.core;
  requires java.net.http;
  requires com.fasterxml.jackson.core;
  requires org.slf4j;
  requires static software.amazon.awssdk.services.sns;
  requires static org.jspecify;
}
