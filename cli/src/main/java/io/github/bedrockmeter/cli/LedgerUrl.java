// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.NearestName;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The URL of a ledger, and what of it may be printed. Immutable and thread-safe.
 *
 * @param text as the user wrote it: passwords may stand anywhere in it
 */
record LedgerUrl(String text) {
  /*
   * A password is not looked for, since it can stand in many places and be written in many ways.
   * Printed is what is known to be something else: one of these beginnings, and the names of hosts,
   * paths and tables where they stand in their place and have no character that ends a password.
   */
  private static final List<String> BEGINNINGS =
      List.of(
          "redis://",
          "rediss://",
          "redis-cluster://",
          "rediss-cluster://",
          "redis-sentinel://",
          "rediss-sentinel://",
          "redis-socket://",
          "redis+socket://",
          "jdbc:postgresql:",
          "jdbc:h2:",
          "dynamodb://");

  private static final List<String> OTHERS =
      List.of(
          "mysql", "mariadb", "mongodb", "http", "https", "postgres", "postgresql", "memcached");

  private static final String FORMS =
      "redis://, rediss://, redis-cluster://, rediss-cluster://, redis-sentinel://,"
          + " jdbc:postgresql:, jdbc:h2: or dynamodb://REGION/TABLE";

  private static final String HOST =
      "(?:[A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(?::\\d{1,5})?";
  private static final Pattern HOSTS = Pattern.compile(HOST + "(?:," + HOST + "){0,99}");
  private static final Pattern HOST_AND_PORT = Pattern.compile("[A-Za-z0-9._-]{1,253}:\\d{1,5}");
  private static final Pattern NAME = Pattern.compile("[a-z0-9]{1,10}");
  private static final Pattern FILE = Pattern.compile("[\\p{L}\\p{N} ~./\\\\:_+-]{1,1000}");
  private static final Pattern TABLE =
      Pattern.compile("[a-z]{2,3}(?:-[a-z]{1,20}){1,3}-\\d{1,2}(?:/[A-Za-z0-9_.-]{1,255})?");

  boolean isRedis() {
    return beginning().startsWith("redis");
  }

  boolean isRedisCluster() {
    return beginning().contains("-cluster:");
  }

  boolean isPostgres() {
    return beginning().equals("jdbc:postgresql:");
  }

  boolean isH2() {
    return beginning().equals("jdbc:h2:");
  }

  boolean isDynamoDb() {
    return beginning().equals("dynamodb://");
  }

  /** One of the known beginnings; empty if it has none of them. */
  private String beginning() {
    return BEGINNINGS.stream().filter(text::startsWith).findFirst().orElse("");
  }

  /** What follows the beginning. */
  String rest() {
    return text.substring(beginning().length());
  }

  /** Why there is no such ledger; of the URL only what is certainly no password is quoted. */
  String unknown() {
    String lower = text.toLowerCase(Locale.ROOT);
    String written =
        OTHERS.stream()
            .filter(other -> lower.startsWith(other + "://"))
            .findFirst()
            .map(
                other ->
                    ": '"
                        + other
                        + "://"
                        + withHosts(text.substring(other.length() + 3), true)
                        + "'")
            .orElseGet(() -> nearest(lower));
    return "--ledger has an unknown URL"
        + written
        + "; it must begin with "
        + FORMS
        + ", as --ledger redis://localhost:6379";
  }

  private static String nearest(String lower) {
    for (String beginning : BEGINNINGS) {
      String scheme = beginning.replace("//", "");
      if (lower.startsWith(scheme)) {
        return " (did you mean '" + beginning + "'?)";
      }
    }
    int colon = lower.indexOf(':');
    return colon < 0 ? "" : NearestName.hint(lower.substring(0, colon) + "://", BEGINNINGS);
  }

  /** The beginning, and what follows of hosts, file or table where it is certain. */
  String shown() {
    return beginning() + safeRest();
  }

  private String safeRest() {
    String rest = rest();
    if (beginning().isEmpty()) {
      return "...";
    }
    if (isPostgres()) {
      return rest.startsWith("//") ? "//" + withHosts(rest.substring(2), false) : "";
    }
    if (isH2()) {
      return matching(FILE, rest.split("[;?]", 2)[0]);
    }
    return isDynamoDb() ? matching(TABLE, rest) : withHosts(rest, false);
  }

  /**
   * Hosts after user and password. Where it is not certain at which sign the password ends, only
   * what has a port and cannot belong to a setting.
   *
   * @param database whether the name of a database that follows is printed too
   */
  private static String withHosts(String rest, boolean database) {
    int at = rest.lastIndexOf('@');
    String before = rest.substring(0, Math.max(0, at));
    String[] after = rest.substring(at + 1).split("[/?#;]", 2);
    boolean isCertain = !before.matches("(?s).*[@/?#;].*");
    Pattern hosts = isCertain ? HOSTS : HOST_AND_PORT;
    if (!hosts.matcher(after[0]).matches() || (!isCertain && rest.indexOf('=') >= 0)) {
      return "...";
    }
    String path = database && isCertain && after.length > 1 ? after[1].split("[?#;]", 2)[0] : "";
    return (at < 0 ? "" : "...@") + after[0] + (NAME.matcher(path).matches() ? "/" + path : "");
  }

  private static String matching(Pattern pattern, String part) {
    Matcher matcher = pattern.matcher(part);
    return matcher.matches() ? part : "...";
  }

  /** As {@link #shown}: a record's own would print the URL. */
  @Override
  public String toString() {
    return shown();
  }
}
