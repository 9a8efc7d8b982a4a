// SPDX-License-Identifier: Apache-2.0
module io.github.bedrockmeter.budgetsfile {
  exports io.github.bedrockmeter.budgetsfile;

  requires transitive io.github.bedrockmeter.core;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires org.slf4j;
  requires org.yaml.snakeyaml;
  requires static org.jspecify;
}
