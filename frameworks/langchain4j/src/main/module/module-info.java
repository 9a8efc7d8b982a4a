// SPDX-License-Identifier: Apache-2.0
module io.github.bedrockmeter.langchain4j {
  exports io.github.bedrockmeter.langchain4j;

  requires transitive io.github.bedrockmeter.core;
  requires static langchain4j.core;
  requires static org.jspecify;
}
