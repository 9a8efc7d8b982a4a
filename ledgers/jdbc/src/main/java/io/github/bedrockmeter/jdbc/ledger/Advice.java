// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What to do about a failure of a database: by its SQLState, or for a pool, which has none, by what
 * kind of exception it throws. Repeats no message, which may quote a statement and its values.
 * Holds no state, thread-safe.
 */
final class Advice {
  private static final int LONGEST_CHAIN = 20;

  private Advice() {}

  /** A short sentence, after a colon, and the SQLState in brackets. */
  static String about(SQLException failure) {
    String state = state(failure);
    String sentence = sentence(failure, state);
    return (sentence == null ? "" : ": " + sentence)
        + (state == null ? "" : " (SQLState " + state + ")");
  }

  /** That of the innermost exception that has one: pools put their own around the driver's. */
  private static @Nullable String state(SQLException failure) {
    String state = null;
    Throwable next = failure;
    for (int i = 0; i < LONGEST_CHAIN && next != null; i++) {
      if (next instanceof SQLException sql && sql.getSQLState() != null) {
        state = sql.getSQLState();
      }
      next = next.getCause();
    }
    return state;
  }

  private static @Nullable String sentence(SQLException failure, @Nullable String state) {
    if (isClosed(failure)) {
      return "its data source is closed; close it after the ledger";
    }
    if (state == null) {
      return failure.getClass().getSimpleName().startsWith("SQLTransientConnection")
          ? "the pool gave no connection in time; give it as many as the ledger has threads"
          : null;
    }
    return switch (state) {
      case "42501", "90096" ->
          "its role lacks a right; grant SELECT, INSERT, UPDATE and DELETE on the ledger's tables,"
              + " and to create them USAGE and CREATE on the schema";
      case "42P01", "42S02", "42S03", "42S04", "42703", "42S22" ->
          "a table or column of the ledger is missing; make the ledger anew, or apply its SQL files";
      case "3F000", "90079" -> "its schema does not exist; check the search path of the role";
      case "3D000", "90146", "90013" -> "the database does not exist; check its name in the URL";
      case "90020" -> "another process has the file; an H2 file is for one process";
      case "90030", "90034", "90031" -> "the file cannot be read; check it, or restore a backup";
      case "90098", "90028", "50000", "53100" ->
          "it could not write; check that its disk has space, and its log";
      case "53300" -> "it has no connection left; raise its maximum or use smaller pools";
      case "55P03" -> "another transaction has locked the balance for too long";
      case "25006" -> "it is read only; connect to the primary";
      default -> byClass(state.substring(0, Math.min(2, state.length())));
    };
  }

  private static @Nullable String byClass(String of) {
    return switch (of) {
      case "28" -> "it refused the user or the password; check both";
      case "08" -> "it cannot be reached; check its address and that it runs";
      case "57" -> "it is starting, stopping or gave up; try again";
      case "53" -> "it lacks memory, disk space or connections; check its log";
      default -> null;
    };
  }

  /** Pools have no SQLState for it. */
  private static boolean isClosed(SQLException failure) {
    Throwable next = failure;
    for (int i = 0; i < LONGEST_CHAIN && next != null; i++) {
      String message = String.valueOf(next.getMessage()).toLowerCase(Locale.ROOT);
      boolean ofPool = message.contains("pool") || message.contains("datasource");
      if (ofPool && (message.contains("has been closed") || message.contains("disposed"))) {
        return true;
      }
      next = next.getCause();
    }
    return false;
  }
}
