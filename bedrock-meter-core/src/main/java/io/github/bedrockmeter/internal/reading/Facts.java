// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one response, or one request, states. A number it does not state is {@link #UNSTATED}, never
 * zero. Mutable, confined to one thread.
 */
final class Facts {
  static final long UNSTATED = -1;

  /** Stated, but not as a count. Unlike {@link #UNSTATED}, it makes a sum invalid. */
  private static final long REFUSED = -2;

  /** The SDK's own type for a count is an int; what does not fit there is not a count. */
  private static final long LARGEST_COUNT = Integer.MAX_VALUE;

  private static final int LONGEST_WORD = 256;

  private static final Set<String> USUAL =
      Set.of("standard", "default", "not_available", "global", "none");

  /** Hostile input could fill a list without end. */
  private static final int MOST_ANOMALIES = 16;

  private final long[] numbers = new long[Field.COUNT];
  private final Map<Field, String> words = new EnumMap<>(Field.class);
  private final Set<Field> sums = EnumSet.noneOf(Field.class);
  private final List<Anomaly> anomalies = new ArrayList<>(0);
  private @Nullable Runs runs;
  private final DocumentSizes documents = new DocumentSizes();

  Facts() {
    Arrays.fill(numbers, UNSTATED);
  }

  /** A copy, for a verdict on a stream that may go on. */
  Facts copy() {
    Facts copy = new Facts();
    System.arraycopy(numbers, 0, copy.numbers, 0, numbers.length);
    copy.words.putAll(words);
    copy.sums.addAll(sums);
    copy.anomalies.addAll(anomalies);
    copy.runs = runs;
    return copy;
  }

  /** The stated number, or {@link #UNSTATED}. */
  long number(Field field) {
    return Math.max(numbers[field.index()], UNSTATED);
  }

  /**
   * The stated number; zero if it is not stated. Only for fields that are left out when they are
   * zero.
   */
  long orZero(Field field) {
    return Math.max(numbers[field.index()], 0);
  }

  boolean has(Field field) {
    return numbers[field.index()] >= 0;
  }

  @Nullable String word(Field field) {
    return words.get(field);
  }

  List<Anomaly> anomalies() {
    return List.copyOf(anomalies);
  }

  /** States a number by the rule of its place. */
  void state(Field field, Shape.Rule rule, double number) {
    double whole = rule == Shape.Rule.CEILING ? Math.ceil(number) : number;
    if (whole != Math.rint(whole)) {
      refuse(field, "fractional");
    } else if (rule == Shape.Rule.SUM) {
      add(field, (long) whole);
    } else {
      state(field, (long) whole);
    }
  }

  /** States a number; the last statement wins. */
  void state(Field field, long number) {
    if (isCount(field, number)) {
      numbers[field.index()] = number;
    }
  }

  /** Adds to a number that is stated in parts. */
  void add(Field field, long number) {
    long before = numbers[field.index()];
    if (before != REFUSED && isCount(field, number)) {
      numbers[field.index()] = Math.max(before, 0) + number;
      sums.add(field);
    }
  }

  /** Adds to a length of text, which has no upper limit. */
  void addLength(Field field, int length) {
    numbers[field.index()] = Math.max(numbers[field.index()], 0) + length;
  }

  /** States a word; what is too long for one is dropped. */
  void state(Field field, String word) {
    if (word.length() <= LONGEST_WORD) {
      words.put(field, word);
    }
  }

  /** Notes that a field holds something other than a count, and forgets its earlier count. */
  void refuse(Field field, String what) {
    numbers[field.index()] = REFUSED;
    note(Anomaly.Kind.NOT_A_COUNT, field.name() + " is " + what);
  }

  /** Forgets sums that are incomplete; complete counts stay. */
  void unreadable(String why) {
    for (Field field : sums) {
      numbers[field.index()] = UNSTATED;
    }
    note(Anomaly.Kind.UNREADABLE, why);
  }

  void note(Anomaly.Kind kind, String detail) {
    if (takesNotes()) {
      anomalies.add(new Anomaly(kind, detail));
    }
  }

  /**
   * Begins a list of samplings: what an earlier list of the same answer stated is repeated in it.
   */
  void beginParts() {
    for (Field.Part part : Field.PARTS_OF) {
      numbers[part.sum().index()] = UNSTATED;
    }
    numbers[Field.PARTS.index()] = 1;
  }

  /** Whether a word in a usage is one that most answers have, and changes no count. */
  static boolean isUsual(String word) {
    return word.isEmpty() || USUAL.contains(word);
  }

  /** Whether there is room for another anomaly. */
  boolean takesNotes() {
    return anomalies.size() < MOST_ANOMALIES;
  }

  /** Notes a field that is not understood, once. */
  void noteUnknown(String path) {
    String name = path.substring(0, Math.min(LONGEST_WORD, path.length()));
    Anomaly anomaly =
        new Anomaly(Anomaly.Kind.NOT_UNDERSTOOD, name.replaceAll("[^a-zA-Z0-9_.-]", "?"));
    if (!anomalies.contains(anomaly)) {
      note(anomaly.kind(), anomaly.detail());
    }
  }

  /** Takes in a block in which a tool may have run. */
  void tool(Field field, String text) {
    Runs known = runs == null ? new Runs() : runs;
    known.take(field, text);
    runs = known;
  }

  /** Takes runs that were counted elsewhere. */
  void ran(@Nullable Runs counted) {
    runs = counted;
  }

  /** The runs of tools that the provider ran; null if there were none. */
  @Nullable Runs runs() {
    return runs;
  }

  /** Adds the bytes of a text to the document it is in. */
  void addText(Field field, long bytes) {
    if (field == Field.QUERY) {
      state(field, Math.min(LARGEST_COUNT, orZero(field) + bytes));
      return;
    }
    if (field == Field.DOCUMENTS) {
      add(field, 1);
    }
    documents.add(field == Field.DOCUMENTS, bytes);
  }

  /** The bytes of each document, in their order. */
  long[] documents() {
    return documents.sizes();
  }

  /** Whether {@code number} is a count. */
  static boolean isCount(long number) {
    return number >= 0 && number <= LARGEST_COUNT;
  }

  private boolean isCount(Field field, long number) {
    if (isCount(number)) {
      return true;
    }
    refuse(field, Long.toString(number));
    return false;
  }
}
