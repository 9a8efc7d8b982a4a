// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.NearestName;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How a report is written. */
enum ReportFormat {
  TABLE,
  CSV,
  JSON,
  HTML,
  PARQUET,
  FOCUS;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The format that the ending of a file's name means; a table where it means none. */
  static ReportFormat byEndingOf(@Nullable Path file) {
    String name = file == null ? "" : file.toString().toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(format -> name.endsWith("." + format.word()))
        .findFirst()
        .orElse(TABLE);
  }

  /** Reads {@code csv}. */
  static final class Of implements ITypeConverter<ReportFormat> {
    @Override
    public ReportFormat convert(String text) {
      List<String> words = Arrays.stream(values()).map(ReportFormat::word).toList();
      if (words.contains(text)) {
        return valueOf(text.toUpperCase(Locale.ROOT));
      }
      throw new TypeConversionException(
          "'"
              + Escaped.text(text, 60)
              + "' is not "
              + String.join(", ", words.subList(0, words.size() - 1))
              + " or focus"
              + NearestName.hint(text, words));
    }
  }
}
