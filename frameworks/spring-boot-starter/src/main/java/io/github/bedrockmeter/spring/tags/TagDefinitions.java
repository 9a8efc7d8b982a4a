// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.tags;

import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.NearestName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * What {@code bedrock.meter.tags} says: which tags have one value for all calls, and where the
 * values of the others come from. Immutable and thread-safe.
 *
 * @param defaults tags with one value for all calls
 * @param sources where the others come from, by tag
 */
public record TagDefinitions(Tags defaults, Map<String, Source> sources) {
  private static final Pattern EXPRESSION =
      Pattern.compile("#\\{\\s*([^}.\\s]*)(?:\\.([^}\\s]+))?\\s*}");
  private static final List<String> KINDS = List.of("principal", "header", "mdc", "attribute");
  private static final String FORMS =
      "#{principal}, #{header.X-Tenant}, #{mdc.user} or #{attribute.tenant}";

  /** Where a value comes from. */
  enum Kind {
    PRINCIPAL,
    HEADER,
    MDC,
    ATTRIBUTE
  }

  /**
   * A source of one value. Immutable.
   *
   * @param kind what is asked
   * @param name of the header, the MDC's key or the attribute; empty for the principal
   */
  record Source(Kind kind, String name) {
    @Nullable String value(RequestView request) {
      return switch (kind) {
        case PRINCIPAL -> request.principal();
        case HEADER -> request.header(name);
        case MDC -> MDC.get(name);
        case ATTRIBUTE -> request.attribute(name);
      };
    }
  }

  public TagDefinitions {
    sources = Map.copyOf(sources);
  }

  /**
   * Reads definitions.
   *
   * @param written texts and expressions by tag
   * @throws IllegalArgumentException if an expression is none of those that there are
   */
  public static TagDefinitions of(Map<String, String> written) {
    Map<String, String> defaults = new HashMap<>();
    Map<String, Source> sources = new HashMap<>();
    written.forEach(
        (tag, value) -> {
          if (value.contains("#{")) {
            sources.put(tag, source(tag, value.strip()));
          } else {
            defaults.put(tag, value);
          }
        });
    return new TagDefinitions(Tags.of(defaults), sources);
  }

  private static Source source(String tag, String expression) {
    Matcher parts = EXPRESSION.matcher(expression);
    if (!parts.matches()) {
      throw refused(tag, expression, "");
    }
    String kind = parts.group(1);
    if (!KINDS.contains(kind)) {
      throw refused(tag, expression, NearestName.hint(kind, KINDS));
    }
    String name = parts.group(2);
    boolean isPrincipal = kind.equals("principal");
    if (isPrincipal != (name == null)) {
      throw refused(
          tag, expression, isPrincipal ? "; the principal has its name alone" : "; of which name?");
    }
    return new Source(Kind.values()[KINDS.indexOf(kind)], name == null ? "" : name);
  }

  private static IllegalArgumentException refused(String tag, String expression, String hint) {
    return new IllegalArgumentException(
        "tag '"
            + Escaped.text(tag)
            + "' is not a text, nor one of "
            + FORMS
            + ": '"
            + Escaped.text(expression)
            + "'"
            + hint);
  }

  /** Whether no tag depends on the request or the thread. */
  public boolean isConstant() {
    return sources.isEmpty();
  }

  /** Whether a tag comes from something that only a thread has, not a request. */
  boolean of(Kind kind) {
    return sources.values().stream().anyMatch(source -> source.kind() == kind);
  }

  /** The tags that have a value now; a blank value is none. */
  Tags of(RequestView request) {
    if (sources.isEmpty()) {
      return Tags.none();
    }
    Map<String, String> values = new HashMap<>();
    sources.forEach(
        (tag, source) -> {
          String value = source.value(request);
          if (value != null && !value.isBlank()) {
            values.put(tag, value);
          }
        });
    return Tags.of(values);
  }
}
