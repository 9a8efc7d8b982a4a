// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.report.facts.FactTables;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What calls are grouped or filtered by: a column of the facts, or a tag. Immutable and
 * thread-safe.
 *
 * @param tag the name of a tag, for {@link Kind#TAG} alone
 */
public record Dimension(Kind kind, @Nullable String tag) {
  private static final String TAG_PREFIX = "tag:";
  private static final int LONGEST_TAG = 256;

  /** The columns that calls can be grouped by. */
  public enum Kind {
    /** The foundation model; what was called where an ARN hides it. */
    MODEL("coalesce(c.model, c.model_id)"),
    /** The operation, as AWS writes it. */
    OPERATION("c.operation"),
    /** The AWS account. */
    ACCOUNT("c.account"),
    /** The region that was called. */
    REGION("c.region"),
    /** The ARN of the caller. */
    PRINCIPAL("c.principal"),
    /** The application inference profile. */
    PROFILE("c.profile"),
    /** The tier. */
    TIER("c.tier"),
    /** How the call ended. */
    OUTCOME("c.outcome"),
    /** A tag. */
    TAG("");

    private final String column;

    Kind(String column) {
      this.column = column;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Dimension {
    if ((kind == Kind.TAG) != (tag != null)) {
      throw new IllegalArgumentException("only a tag has the name of a tag: " + kind + ", " + tag);
    }
    if (tag != null && (tag.isBlank() || tag.length() > LONGEST_TAG)) {
      throw new IllegalArgumentException(
          "the name of a tag has 1 to " + LONGEST_TAG + " characters, as tag:team");
    }
  }

  /**
   * Reads {@code model} or {@code tag:team}.
   *
   * @throws IllegalArgumentException if there is no such dimension; the message has the nearest
   */
  public static Dimension of(String text) {
    String word = text.strip();
    if (word.startsWith(TAG_PREFIX)) {
      return new Dimension(Kind.TAG, word.substring(TAG_PREFIX.length()));
    }
    for (Kind kind : Kind.values()) {
      if (kind != Kind.TAG && kind.word().equals(word)) {
        return new Dimension(kind, null);
      }
    }
    throw new IllegalArgumentException(
        "'" + Escaped.text(word) + "' is no dimension" + meant(word) + "; there are " + known());
  }

  private static String meant(String word) {
    int colon = word.indexOf(':');
    if (colon > 0 && NearestName.to(word.substring(0, colon), List.of("tag")).isPresent()) {
      return " (did you mean '" + Escaped.text(TAG_PREFIX + word.substring(colon + 1)) + "'?)";
    }
    List<String> words = Arrays.stream(Kind.values()).map(Kind::word).toList();
    return NearestName.to(word, words)
        .map(near -> " (did you mean '" + (near.equals("tag") ? "tag:team" : near) + "'?)")
        .orElse("");
  }

  private static String known() {
    StringBuilder known = new StringBuilder();
    for (Kind kind : Kind.values()) {
      known.append(kind == Kind.TAG ? "tag:NAME" : kind.word() + ", ");
    }
    return known.toString();
  }

  /** As it is written: {@code model}, {@code tag:team}. */
  public String name() {
    return tag == null ? kind.word() : TAG_PREFIX + tag;
  }

  /** As a reader sees it: {@code model}, {@code team}. */
  String heading() {
    return tag == null ? kind.word() : tag;
  }

  /** A query for the values that calls have, each once. */
  public String values() {
    return tag == null
        ? "SELECT DISTINCT " + kind.column + " AS value FROM calls c ORDER BY value"
        : "SELECT DISTINCT value FROM tags WHERE name = "
            + FactTables.text(tag)
            + " ORDER BY value";
  }

  /**
   * The SQL of its value.
   *
   * @param alias of the join, for a tag
   */
  String expression(String alias) {
    return tag == null ? kind.column : alias + ".value";
  }

  /**
   * The SQL of the join that a tag needs; its name is a row of a table, never text of the
   * statement.
   */
  String join(String alias, String table, int place) {
    return tag == null
        ? ""
        : "LEFT JOIN tags %1$s ON %1$s.call = c.call AND %1$s.name = (SELECT any_value(tag) FROM %2$s WHERE place = %3$d)\n"
            .formatted(alias, table, place);
  }
}
