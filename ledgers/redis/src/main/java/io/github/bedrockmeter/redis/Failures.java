// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What failures of Redis mean, and what to do about them. Messages have nothing that a server or a
 * caller wrote, except the names of commands; the cause has that. Stateless.
 */
final class Failures {
  /** How the scripts' own errors begin. */
  private static final String SCRIPTS_OVERFLOW = "ERR the sum of what is ";

  private static final String LOST = "BMLOST ";

  private static final String RIGHTS =
      "; grant what docs/ledgers-redis.md lists under 'A user with few rights'";

  /** By the first word of an error, or the word that is in the one of a script. */
  private static final Map<String, String> SENTENCES =
      Map.ofEntries(
          Map.entry("NOAUTH", "Redis wants a user or a password; set them in the client's URI"),
          Map.entry(
              "WRONGPASS", "Redis does not accept the user or the password of the client's URI"),
          Map.entry(
              "READONLY",
              "The Redis server is a replica now, and takes no writes; the ledger connects anew to"
                  + " find the master. If this lasts, name Sentinel or the master in the client's"
                  + " URI"),
          Map.entry(
              "OOM",
              "Redis has reached its maxmemory and takes no writes; raise maxmemory, or remove other"
                  + " data"),
          Map.entry(
              "MISCONF",
              "Redis cannot save to its disk and takes no writes; free space on the disk, and see"
                  + " the server's log"),
          Map.entry(
              "LOADING", "Redis has started and loads its data; it answers when that is done"),
          Map.entry(
              "BUSY", "Redis is busy with another script; SCRIPT KILL ends one that does not end"),
          Map.entry(
              "CLUSTERDOWN",
              "The Redis cluster is down, or has no server for the ledger's slot; check CLUSTER"
                  + " INFO"),
          Map.entry(
              "TRYAGAIN",
              "The slot of the ledger is being moved in the Redis cluster; it answers when that is"
                  + " done"),
          Map.entry(
              "MOVED",
              "The slot of the ledger has moved in the Redis cluster, and the client follows too"
                  + " slowly; switch on its topology refresh"),
          Map.entry(
              "NOREPLICAS",
              "Redis has fewer replicas than its min-replicas-to-write, and takes no writes; check"
                  + " the replicas"),
          Map.entry(
              "MASTERDOWN",
              "The Redis replica has lost its master, and does not answer; connect to the master"),
          Map.entry(
              "WRONGTYPE",
              "A key with the ledger's prefix has been written by another program; choose another"
                  + " prefix for the ledger"),
          Map.entry(
              "EXECABORT",
              "The connection of the ledger is in a transaction; give the ledger a connection of its"
                  + " own"));

  private static final Pattern CODE = Pattern.compile("\\b[A-Z]{3,}\\b");
  private static final Pattern NO_COMMAND = Pattern.compile("run the '([a-z|]+)' command");
  private static final Pattern LINE = Pattern.compile("user_script:(\\d+)");
  private static final Pattern CALL = Pattern.compile("redis\\.p?call\\(\\s*'([A-Z]+)'");

  private Failures() {}

  /** A failure as one of a ledger. */
  static Throwable meaning(@Nullable Script script, Throwable failure) {
    if (failure instanceof Error || failure instanceof LedgerUnavailableException) {
      return failure;
    }
    if (failure instanceof RedisCommandExecutionException refused) {
      String reply = String.valueOf(refused.getMessage());
      return reply.startsWith(SCRIPTS_OVERFLOW)
          ? new ArithmeticException(reply)
          : new LedgerUnavailableException(sentence(script, reply), failure);
    }
    return new LedgerUnavailableException(
        failure instanceof RedisCommandTimeoutException
            ? "Redis did not answer the ledger in time; check that it is reachable and not"
                + " overloaded"
            : "Redis cannot be reached by the ledger; check its address and that it runs",
        failure);
  }

  /** When and what the store has lost, if that is why a script refused; null if not. */
  static @Nullable String lost(RedisCommandExecutionException refused) {
    String reply = String.valueOf(refused.getMessage());
    if (!reply.startsWith(LOST)) {
      return null;
    }
    int end = reply.indexOf(" script: ");
    return reply.substring(LOST.length(), end < 0 ? reply.length() : end);
  }

  private static String sentence(@Nullable Script script, String reply) {
    if (reply.startsWith(LOST)) {
      return "Redis has lost what the ledger had stored, so calls are denied; correct the balances"
          + " if need be, then accept it with 'bedrock-meter accept-loss' or"
          + " RedisLedger.acceptLoss (BMLOST)";
    }
    String rights = rights(script, reply);
    if (rights != null) {
      return rights + RIGHTS + " (NOPERM)";
    }
    Matcher codes = CODE.matcher(reply);
    while (codes.find()) {
      String sentence = SENTENCES.get(codes.group());
      if (sentence != null) {
        return sentence + " (" + codes.group() + ")";
      }
    }
    return "Redis refused a command of the ledger; check its version, 6.2 or later, and the cause";
  }

  /** Which right is missing; null if it is not about rights. */
  private static @Nullable String rights(@Nullable Script script, String reply) {
    boolean isAboutRights =
        reply.contains("NOPERM")
            || reply.contains("ACL failure")
            || reply.contains("can't run this command");
    if (!isAboutRights && !reply.contains("can't access at least one of the keys")) {
      return null;
    }
    Matcher command = NO_COMMAND.matcher(reply);
    if (command.find()) {
      return "The Redis user of the ledger lacks the right +" + command.group(1);
    }
    if (reply.contains("key")) {
      return "The Redis user of the ledger may not use the keys of its prefix";
    }
    Matcher line = LINE.matcher(reply);
    if (script != null && line.find()) {
      String[] lines = script.text().split("\n", -1);
      int number = Integer.parseInt(line.group(1));
      Matcher call = CALL.matcher(number <= lines.length ? lines[number - 1] : "");
      if (call.find()) {
        return "The Redis user of the ledger lacks the right +"
            + call.group(1).toLowerCase(Locale.ROOT);
      }
    }
    return "The Redis user of the ledger lacks a right";
  }

  /**
   * Whether a hold that failed like this may have been taken. It was not if the server refused it,
   * since a script happens whole or not at all.
   */
  static boolean isLost(Throwable meaning) {
    return !(meaning instanceof ArithmeticException
        || meaning.getCause() instanceof RedisCommandExecutionException);
  }
}
