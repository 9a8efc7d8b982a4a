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
    LENGTH,
    /** A list of counts that are summed anew wherever the list is stated anew. */
    PARTS,
    /** A word that says of what kind such a list's entry is. */
    PART_TYPE,
    /** A text, or something with texts in it, whose bytes are kept by document. */
    TEXT,
    /** A block in which a tool may have run, its name or its type. */
    TOOL,
    /** Known, and no count of its own. */
    IGNORE,
    /** What is not understood; its name is noted. */
    UNKNOWN
  }

  /** What is in a place where everything should be understood, and is not. */
  static final Shape NOT_UNDERSTOOD = unknown();

  private boolean strict;

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

  Shape parts(String path, Field field) {
    return put(path, field, Rule.PARTS);
  }

  Shape partType(String path, Field field) {
    return put(path, field, Rule.PART_TYPE);
  }

  Shape tool(String path, Field field) {
    return put(path, field, Rule.TOOL);
  }

  /** Counts the bytes of all texts in a place, whatever they are in. */
  Shape texts(String path, Field field, Field inside) {
    put(path, field, Rule.TEXT);
    Shape text = new Shape();
    text.field = inside;
    text.rule = Rule.TEXT;
    text.anyMember = text;
    text.elements = text;
    Shape place = at(path);
    place.anyMember = text;
    place.elements = text;
    return this;
  }

  /** Names that are no counts of their own: parts of a count, words, or free. */
  Shape ignore(String path, String... names) {
    Shape place = at(path);
    for (String name : names) {
      place.step(name).rule = Rule.IGNORE;
    }
    return this;
  }

  /** Whatever else is in this object is noted, since it may be something that is charged. */
  Shape strict(String path) {
    at(path).strict = true;
    return this;
  }

  @Nullable Shape member(String name) {
    Shape member = members.get(name);
    if (member != null) {
      return member;
    }
    return anyMember == null && strict ? NOT_UNDERSTOOD : anyMember;
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

  private static Shape unknown() {
    Shape shape = new Shape();
    shape.rule = Rule.UNKNOWN;
    shape.anyMember = shape;
    shape.elements = shape;
    return shape;
  }

  private Shape at(String path) {
    Shape place = this;
    for (String step : path.replace("[]", ".[]").split("\\.", -1)) {
      place = place.step(step);
    }
    return place;
  }

  private Shape put(String path, Field field, Rule rule) {
    Shape place = at(path);
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
