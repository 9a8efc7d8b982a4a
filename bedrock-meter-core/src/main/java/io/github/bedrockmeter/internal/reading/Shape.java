// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The places in a JSON document that are worth reading, as a tree of member names. Everything else
 * is skipped. A path is written {@code results[].tokenCount}; {@code *} is any member. Built once,
 * then only read, so safe to share.
 */
final class Shape {

  /** How a place states its field. */
  enum Rule {
    /** A count; the last one wins. */
    LAST,
    /** As {@link #LAST}, and a fraction is rounded up. */
    CEILING,
    /** A count that is one part of a sum. */
    SUM,
    /** Each occurrence that is not null counts one, whatever it is. */
    EACH,
    /** A short string. */
    WORD,
    /** A string whose length is added. */
    LENGTH
  }

  private final Map<String, Shape> members = new HashMap<>();
  private @Nullable Shape anyMember;
  private @Nullable Shape elements;
  private @Nullable Field field;
  private Rule rule = Rule.LAST;

  Shape last(String path, Field field) {
    return put(path, field, Rule.LAST);
  }

  Shape ceiling(String path, Field field) {
    return put(path, field, Rule.CEILING);
  }

  Shape sum(String path, Field field) {
    return put(path, field, Rule.SUM);
  }

  Shape each(String path, Field field) {
    return put(path, field, Rule.EACH);
  }

  Shape word(String path, Field field) {
    return put(path, field, Rule.WORD);
  }

  Shape length(String path, Field field) {
    return put(path, field, Rule.LENGTH);
  }

  @Nullable Shape member(String name) {
    Shape member = members.get(name);
    return member != null ? member : anyMember;
  }

  @Nullable Shape elements() {
    return elements;
  }

  @Nullable Field field() {
    return field;
  }

  Rule rule() {
    return rule;
  }

  private Shape put(String path, Field field, Rule rule) {
    Shape place = this;
    for (String step : path.replace("[]", ".[]").split("\\.", -1)) {
      place = place.step(step);
    }
    place.field = field;
    place.rule = rule;
    return this;
  }

  private Shape step(String step) {
    if (step.equals("[]")) {
      elements = elements == null ? new Shape() : elements;
      return elements;
    }
    if (step.equals("*")) {
      anyMember = anyMember == null ? new Shape() : anyMember;
      return anyMember;
    }
    return members.computeIfAbsent(step, name -> new Shape());
  }
}
