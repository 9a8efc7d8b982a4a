// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reconcile;

import io.github.bedrockmeter.report.progress.Progress;
import java.nio.file.Path;
import java.util.Map;

/** The month with planted differences that tests of bedrock-meter-report generate. */
public final class GeneratedMonth {
  /** Is in the text of every prompt and answer. */
  public static final String CANARY = Month.CANARY;

  private GeneratedMonth() {}

  /**
   * Writes it.
   *
   * @param logs the folder of the logs
   * @param journal the file of the journal
   * @return what is to be found: the kind of difference by request id
   */
  public static Map<String, String> write(int lines, int files, Path logs, Path journal)
      throws Exception {
    try (MonthJournal made = new MonthJournal(journal)) {
      Month month = new Month(20_261_129, lines, files, logs, made);
      month.write(Progress.NONE);
      return month.expected();
    }
  }

  /** The URL of the journal. */
  public static String url(Path journal) {
    return MonthJournal.url(journal);
  }
}
