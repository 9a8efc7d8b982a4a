// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.NearestName;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads single values. A value of the wrong form is added to the problems, and null is returned; an
 * exception of the budget API is not caught here. Confined to one thread.
 */
final class Values {
  private static final String AN_AMOUNT =
      "an amount; write number and unit, as 25.00 USD, 500_000 tokens or 100 requests";
  private static final Pattern AMOUNT =
      Pattern.compile("(0|[1-9]\\d*|[1-9]\\d{0,2}(?:_\\d{3})+)(\\.\\d+)? (\\S+)");
  private static final int LONGEST_AMOUNT = 60;
  private static final List<String> UNITS = List.of("USD", "tokens", "requests");

  private static final String A_WINDOW =
      "; allowed are minutely, hourly in ZONE, daily in ZONE, weekly in ZONE, weekly from DAY in"
          + " ZONE, monthly in ZONE, lifetime, until idle for DURATION; as 'daily in Europe/Berlin'";
  private static final Pattern CALENDAR =
      Pattern.compile("(hourly|daily|weekly|monthly|weekly from (\\S+)) in (\\S+)");
  private static final Pattern UNTIL_IDLE = Pattern.compile("until idle for (\\S+)");
  private static final List<String> FIRST_WORDS =
      List.of("minutely", "hourly", "daily", "weekly", "monthly", "lifetime", "until");

  private static final Pattern SHARE = Pattern.compile("(0|[1-9]\\d{0,2})(\\.\\d{1,6})?");
  private static final Pattern COUNT = Pattern.compile("0|[1-9]\\d{0,17}");

  private final Problems problems;

  Values(Problems problems) {
    this.problems = problems;
  }

  /**
   * A text that is not blank. A number without quotes is refused: 1.10 could mean 1.1 or the text.
   */
  @Nullable String text(Node node) {
    boolean unquoted =
        node instanceof Node.Scalar scalar
            && (scalar.kind() == Node.Kind.NUMBER || scalar.kind() == Node.Kind.BOOLEAN);
    String text = scalar(node, Node.Kind.TEXT, unquoted ? "a text; put it in quotes" : "a text");
    return text != null && text.isBlank() ? problems.refuse(node, "a text") : text;
  }

  private @Nullable String scalar(Node node, Node.Kind kind, String expected) {
    return node instanceof Node.Scalar scalar && scalar.kind() == kind
        ? scalar.text()
        : problems.refuse(node, expected);
  }

  /** True or false. YAML's yes and on are refused: parsers disagree about what they mean. */
  @Nullable Boolean flag(Node node) {
    String expected = "true or false";
    String text = scalar(node, Node.Kind.BOOLEAN, expected);
    if (text == null) {
      return null;
    }
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> problems.refuse(node, expected);
    };
  }

  @Nullable Long count(Node node) {
    String expected = "a whole number, as 256";
    String text = scalar(node, Node.Kind.NUMBER, expected);
    if (text == null) {
      return null;
    }
    return COUNT.matcher(text).matches() ? Long.valueOf(text) : problems.refuse(node, expected);
  }

  /** A share of a limit, with few enough digits that a double keeps them all. */
  @Nullable BigDecimal share(Node node) {
    String expected = "a share of the limit, as 0.8";
    String text = scalar(node, Node.Kind.NUMBER, expected);
    if (text == null) {
      return null;
    }
    return SHARE.matcher(text).matches() ? new BigDecimal(text) : problems.refuse(node, expected);
  }

  @Nullable Amount amount(Node node) {
    String text = scalar(node, Node.Kind.TEXT, AN_AMOUNT);
    if (text == null) {
      return null;
    }
    Matcher amount = AMOUNT.matcher(text.length() > LONGEST_AMOUNT ? "" : text);
    if (!amount.matches()) {
      return problems.refuse(node, AN_AMOUNT);
    }
    String fraction = Objects.requireNonNullElse(amount.group(2), "");
    BigDecimal number = new BigDecimal(amount.group(1).replace("_", "") + fraction);
    String unit = amount.group(3);
    try {
      return switch (unit) {
        case "USD" -> Amount.usd(number);
        case "token", "tokens" -> Amount.tokens(number.longValueExact());
        case "request", "requests" -> Amount.requests(number.longValueExact());
        default ->
            problems.refuse(node, "in USD, tokens or requests" + NearestName.hint(unit, UNITS));
      };
    } catch (ArithmeticException uncountable) {
      return problems.refuse(node, "a whole number of " + Escaped.text(unit));
    }
  }

  @Nullable Window window(Node node) {
    String text = scalar(node, Node.Kind.TEXT, "a window" + A_WINDOW);
    if (text == null) {
      return null;
    }
    if (text.equals("minutely")) {
      return Window.minutely();
    }
    if (text.equals("lifetime")) {
      return Window.lifetime();
    }
    Matcher untilIdle = UNTIL_IDLE.matcher(text);
    if (untilIdle.matches()) {
      Duration idle = duration(node, untilIdle.group(1));
      return idle == null ? null : Window.untilIdle(idle);
    }
    Matcher calendar = CALENDAR.matcher(text);
    String firstWord = text.split(" ", 2)[0];
    if (!calendar.matches()) {
      String hint = FIRST_WORDS.contains(firstWord) ? "" : NearestName.hint(firstWord, FIRST_WORDS);
      return problems.refuse(node, "a window" + hint + A_WINDOW);
    }
    DayOfWeek firstDay =
        calendar.group(2) == null
            ? DayOfWeek.MONDAY
            : word(node, calendar.group(2), DayOfWeek.class);
    ZoneId zone = zone(node, calendar.group(3));
    if (firstDay == null || zone == null) {
      return null;
    }
    return switch (firstWord) {
      case "hourly" -> Window.hourly(zone);
      case "daily" -> Window.daily(zone);
      case "weekly" -> Window.weekly(zone, firstDay);
      case "monthly" -> Window.monthly(zone);
      default -> throw new IllegalStateException("no window is read from '" + text + "'");
    };
  }

  /** A zone in its simplest form, so that UTC and Z are equal. */
  private @Nullable ZoneId zone(Node node, String text) {
    try {
      return ZoneId.of(text).normalized();
    } catch (DateTimeException unknown) {
      String hint = NearestName.hint(text, ZoneId.getAvailableZoneIds());
      problems.add(
          node.at(),
          "'" + Escaped.text(text) + "' is not a known time zone" + hint + "; as Europe/Berlin");
      return null;
    }
  }

  @Nullable Duration duration(Node node) {
    String text = scalar(node, Node.Kind.TEXT, "a duration, as PT30S or PT15M");
    return text == null ? null : duration(node, text);
  }

  private @Nullable Duration duration(Node node, String text) {
    try {
      return Duration.parse(text);
    } catch (DateTimeException malformed) {
      problems.add(node.at(), "'" + Escaped.text(text) + "' is not a duration, as PT30S or PT15M");
      return null;
    }
  }

  /** An instant; the word {@code forever} means {@link Instant#MAX}. */
  @Nullable Instant instant(Node node) {
    String expected = "a time with its offset, as 2026-11-27T18:00:00+01:00, or forever";
    String text = scalar(node, Node.Kind.TEXT, expected);
    if (text == null) {
      return null;
    }
    try {
      return text.equals("forever") ? Instant.MAX : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException malformed) {
      return problems.refuse(node, expected);
    }
  }

  /** A constant, written in camel case: {@code fitOutput} for {@code FIT_OUTPUT}. */
  <E extends Enum<E>> @Nullable E word(Node node, Class<E> type) {
    String text = scalar(node, Node.Kind.TEXT, "one of " + String.join(", ", words(type).keySet()));
    return text == null ? null : word(node, text, type);
  }

  private <E extends Enum<E>> @Nullable E word(Node node, String text, Class<E> type) {
    Map<String, E> words = words(type);
    E constant = words.get(text);
    if (constant == null) {
      problems.add(
          node.at(),
          "'"
              + Escaped.text(text)
              + "' is not one of "
              + String.join(", ", words.keySet())
              + NearestName.hint(text, words.keySet()));
    }
    return constant;
  }

  private static <E extends Enum<E>> Map<String, E> words(Class<E> type) {
    Map<String, E> words = new LinkedHashMap<>();
    for (E constant : type.getEnumConstants()) {
      String lower = constant.name().toLowerCase(Locale.ROOT);
      words.put(
          Pattern.compile("_(.)")
              .matcher(lower)
              .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT)),
          constant);
    }
    return words;
  }

  /** A list of values; an item with a problem is left out. */
  <T> @Nullable List<T> list(Node node, Function<Node, @Nullable T> item) {
    return node instanceof Node.Sequence sequence
        ? sequence.items().stream().map(item).filter(Objects::nonNull).toList()
        : problems.refuse(node, "a list");
  }

  /** One text, or a list of at least one. */
  @Nullable List<String> texts(Node node) {
    if (node instanceof Node.Sequence sequence) {
      if (sequence.items().isEmpty()) {
        problems.add(node.at(), "the list is empty; give it an item, or leave the key out");
      }
      return list(node, this::text);
    }
    String text = text(node);
    return text == null ? null : List.of(text);
  }

  /** The entries of a mapping whose keys are chosen by the author of the file. */
  Map<String, Node.Entry> entries(Node node, String expected) {
    if (node instanceof Node.Mapping mapping) {
      return mapping.entries();
    }
    problems.add(node.at(), node + " is not " + expected);
    return Map.of();
  }
}
