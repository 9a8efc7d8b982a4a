// SPDX-License-Identifier: Apache-2.0
module io.github.bedrockmeter.core {
  exports io.github.bedrockmeter;
  exports io.github.bedrockmeter.budget;
  exports io.github.bedrockmeter.call;
  exports io.github.bedrockmeter.event;
  exports io.github.bedrockmeter.ledger;
  exports io.github.bedrockmeter.price;
  exports io.github.bedrockmeter.usage;
  exports io.github.bedrockmeter.internal.request to
      io.github.bedrockmeter.attach;
  exports io.github.bedrockmeter.internal.reading to
      io.github.bedrockmeter.report;
  exports io.github.bedrockmeter.internal.text to
      io.github.bedrockmeter.alerts,
      io.github.bedrockmeter.attach,
      io.github.bedrockmeter.budgetsfile,
      io.github.bedrockmeter.cli,
      io.github.bedrockmeter.cloudwatch,
      io.github.bedrockmeter.dynamodb,
      io.github.bedrockmeter.jdbc,
      io.github.bedrockmeter.micrometer,
      io.github.bedrockmeter.pricing,
      io.github.bedrockmeter.quota,
      io.github.bedrockmeter.redis,
      io.github.bedrockmeter.report,
      io.github.bedrockmeter.spring;

  requires transitive software.amazon.awssdk.services.bedrockruntime;
  requires transitive software.amazon.awssdk.awscore;
  requires transitive software.amazon.awssdk.core;
  requires transitive software.amazon.awssdk.http;
  requires transitive software.amazon.awssdk.regions;
  requires software.amazon.awssdk.metrics;
  requires software.amazon.awssdk.protocols.json;
  requires software.amazon.awssdk.utils;
  requires org.reactivestreams;
  requires com.fasterxml.jackson.core;
  requires com.github.benmanes.caffeine;
  requires org.slf4j;
  requires static org.jspecify;

  // For the SDK and its HTTP clients: automatic modules, which cannot say what they require.
  requires java.logging;
  requires java.naming;
  requires java.security.jgss;
  requires java.xml;
  requires jdk.net;
  requires jdk.unsupported;
}
