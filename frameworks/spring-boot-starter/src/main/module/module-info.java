// SPDX-License-Identifier: Apache-2.0
open module io.github.bedrockmeter.spring {
  exports io.github.bedrockmeter.spring;
  exports io.github.bedrockmeter.spring.actuate;
  exports io.github.bedrockmeter.spring.ai;
  exports io.github.bedrockmeter.spring.tags;
  exports io.github.bedrockmeter.spring.web;

  requires transitive io.github.bedrockmeter.core;
  requires transitive io.github.bedrockmeter.pricing;
  requires io.github.bedrockmeter.budgetsfile;
  requires com.fasterxml.jackson.core;
  requires org.slf4j;

  // What the application has, or not.
  requires static io.github.bedrockmeter.alerts;
  requires static io.github.bedrockmeter.attach;
  requires static io.github.bedrockmeter.cloudwatch;
  requires static io.github.bedrockmeter.dynamodb;
  requires static io.github.bedrockmeter.jdbc;
  requires static io.github.bedrockmeter.micrometer;
  requires static io.github.bedrockmeter.redis;
  requires static context.propagation;
  requires static jakarta.servlet;
  requires static micrometer.core;
  requires static org.jspecify;
  requires static reactor.core;
  requires static spring.aop;
  requires static spring.beans;
  requires static spring.boot;
  requires static spring.boot.actuator;
  requires static spring.boot.actuator.autoconfigure;
  requires static spring.boot.autoconfigure;
  requires static spring.context;
  requires static spring.core;
  requires static spring.data.redis;
  requires static spring.security.core;
  requires static spring.web;
  requires static spring.webflux;
  requires static spring.webmvc;
}
