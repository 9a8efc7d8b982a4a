// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads the values of options; picocli puts the option's name before what they refuse. Stateless.
 */
final class Converters {
  private static final int LONGEST = 60;

  private Converters() {}

  private static TypeConversionException refused(String text, String what) {
    String value = Refusals.mayHoldAPassword(text) ? "..." : Escaped.text(text, LONGEST);
    return new TypeConversionException("'" + value + "' is not " + what);
  }

  /** A duration, as {@code PT5S}. */
  static final class OfDuration implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      try {
        return Duration.parse(text);
      } catch (DateTimeException malformed) {
        throw refused(
            text, "a duration, such as PT5S for 5 seconds or PT1H for an hour" + meant(text));
      }
    }

    /** {@code PT5S} for {@code 5s}. */
    private static String meant(String text) {
      String iso = "PT" + text.strip().toUpperCase(Locale.ROOT);
      try {
        return text.length() > LONGEST ? "" : " (did you mean " + Duration.parse(iso) + "?)";
      } catch (DateTimeException unclear) {
        return "";
      }
    }
  }

  /** An instant, as {@code 2026-11-23T00:00:00Z}. */
  static final class OfInstant implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String text) {
      try {
        return Instant.parse(text);
      } catch (DateTimeException malformed) {
        throw refused(text, "an instant, such as 2026-11-23T00:00:00Z");
      }
    }
  }

  /** A whole number. */
  static final class OfCount implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      try {
        return Integer.valueOf(text);
      } catch (NumberFormatException malformed) {
        throw refused(text, "a whole number, such as 100");
      }
    }
  }

  /** A day, as {@code 2026-10-01}. */
  static final class OfDay implements ITypeConverter<LocalDate> {
    @Override
    public LocalDate convert(String text) {
      try {
        return LocalDate.parse(text);
      } catch (DateTimeException malformed) {
        throw refused(text, "a day, such as 2026-10-01");
      }
    }
  }

  /** A number, which may have decimals. */
  static final class OfDecimal implements ITypeConverter<BigDecimal> {
    @Override
    public BigDecimal convert(String text) {
      try {
        return new BigDecimal(text);
      } catch (NumberFormatException malformed) {
        throw refused(text, "a number, such as 20 or 99.5");
      }
    }
  }

  /** An address that may hold a password, and is not quoted. */
  static final class OfUri implements ITypeConverter<URI> {
    @Override
    public URI convert(String text) {
      try {
        URI uri = new URI(text);
        if (uri.getHost() != null && uri.getUserInfo() == null) {
          return uri;
        }
      } catch (URISyntaxException malformed) {
        // Its message quotes the address.
      }
      throw new TypeConversionException(
          "it must be a URI with a host and without a password, such as http://localhost:8000");
    }
  }
}
