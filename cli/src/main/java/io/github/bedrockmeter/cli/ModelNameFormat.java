// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** How a map of model names is written. The names are what a user types. */
enum ModelNameFormat {
  /** Spring's properties. */
  properties {
    @Override
    void write(PrintWriter out, Contents contents) {
      out.println("# " + contents.heading());
      contents
          .arns()
          .forEach(
              (name, arn) ->
                  out.println(
                      "bedrock.meter.model-names"
                          + (isPlain(name) ? "." + name : "[" + escapedKey(name) + "]")
                          + "="
                          + arn));
    }
  },

  /** The same as YAML. */
  yaml {
    @Override
    void write(PrintWriter out, Contents contents) {
      out.println("# " + contents.heading());
      out.println("bedrock:");
      out.println("  meter:");
      out.println("    model-names:");
      contents
          .arns()
          .forEach(
              (name, arn) -> {
                String key = isPlain(name) ? name : "[" + name + "]";
                out.println("      " + quoted(key) + ": " + quoted(arn));
              });
    }
  },

  /** One object, for {@code ModelAliases.of(map)}. */
  json {
    @Override
    void write(PrintWriter out, Contents contents) {
      out.println(
          ProfileFormat.json(
              generator -> {
                generator.writeStartObject();
                for (Map.Entry<String, String> name : contents.arns().entrySet()) {
                  generator.writeStringField(name.getKey(), name.getValue());
                }
                generator.writeEndObject();
              }));
    }
  },

  /** Code that builds {@code ModelAliases}. */
  java {
    @Override
    void write(PrintWriter out, Contents contents) {
      out.println("// " + contents.heading());
      out.println("ModelAliases aliases =");
      out.print("    ModelAliases.none()");
      contents.arns().forEach((name, arn) -> alias(out, name, arn));
      Map<String, String> models = new TreeMap<>(contents.models());
      models.forEach((arn, model) -> alias(out, arn, model));
      out.println(";");
    }

    private void alias(PrintWriter out, String from, String to) {
      out.println();
      out.print("        .with(" + quoted(from) + ", " + quoted(to) + ")");
    }
  };

  /**
   * What is written.
   *
   * @param heading one line that says what it is
   * @param arns the profiles' ARNs by name
   * @param models the models behind the ARNs, as far as they are known; for prices
   */
  record Contents(String heading, SortedMap<String, String> arns, Map<String, String> models) {}

  abstract void write(PrintWriter out, Contents contents);

  /** Whether Spring keeps every sign of a key without brackets. */
  private static boolean isPlain(String name) {
    return name.matches("[a-zA-Z0-9-]+");
  }

  /** A key of a properties file. */
  private static String escapedKey(String name) {
    return escaped(name, " :=#!\\");
  }

  /** A string of YAML and of Java alike. */
  private static String quoted(String text) {
    return '"' + escaped(text, "\"\\") + '"';
  }

  /** The text with a backslash before some signs, and in ASCII. */
  private static String escaped(String text, String signs) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        escaped.append(String.format("\\u%04x", (int) c));
      } else {
        escaped.append(signs.indexOf(c) >= 0 ? "\\" : "").append(c);
      }
    }
    return escaped.toString();
  }
}
