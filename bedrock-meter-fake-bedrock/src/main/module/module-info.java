// SPDX-License-Identifier: Apache-2.0
module io.github.bedrockmeter.fakebedrock {
  exports io.github.bedrockmeter.testkit;

  requires transitive software.amazon.awssdk.services.bedrockruntime;
  requires transitive software.amazon.awssdk.awscore;
  requires software.amazon.awssdk.auth;
  requires software.amazon.awssdk.http;
  requires software.amazon.awssdk.http.nio.netty;
  requires software.amazon.awssdk.regions;
  requires software.amazon.awssdk.utils;
  requires software.amazon.eventstream;
  requires transitive com.fasterxml.jackson.databind;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.transport;
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
