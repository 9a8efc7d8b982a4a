// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Unit;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.Instant;

/**
 * The keys of one ledger, all with its prefix as hash tag, so that a cluster keeps them in one
 * slot. An account's key contains all that names the account: {@code
 * {bedrock-meter}:day/TOKENS/team=search/2026-11-23T00:00:00Z/2026-11-24T00:00:00Z}, and a duration
 * at the end if it can be idle. Thread-safe.
 */
final class AccountKeys {
  private final String prefix;

  /** Writing a key takes longer than the rest of sending it. */
  private final LoadingCache<Account, String> written =
      Caffeine.newBuilder().maximumSize(10_000).build(this::write);

  AccountKeys(String prefix) {
    this.prefix = "{" + prefix + "}:";
  }

  /** The sorted set of all accounts' keys, by when they expire. No account's key lacks a slash. */
  String index() {
    return prefix + "accounts";
  }

  /** What the store knows of itself: its epoch, and what it has lost. */
  String store() {
    return prefix + "store";
  }

  /** How many changes of one ledger there were. */
  String witness(String id) {
    return prefix + "witness:" + id;
  }

  /** Who corrected something, when and why. */
  String corrections() {
    return prefix + "corrections";
  }

  /** The latest settlements of the account that has a key. */
  String settlements(String account) {
    return prefix + "settled:" + account.substring(prefix.length());
  }

  /** The record that one adjustment was made. */
  String adjustment(String id) {
    return prefix + "adjusted:" + id;
  }

  String of(Account account) {
    return written.get(account);
  }

  private String write(Account account) {
    String key =
        prefix
            + encoded(account.budget())
            + '/'
            + account.unit()
            + '/'
            + encoded(account.scope())
            + '/'
            + account.start()
            + '/'
            + account.end();
    return account.idle() == null ? key : key + '/' + account.idle();
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, UTF_8).replace("%3D", "=");
  }

  Account account(String key) {
    String[] parts = key.substring(prefix.length()).split("/", -1);
    return new Account(
        URLDecoder.decode(parts[0], UTF_8),
        Unit.valueOf(parts[1]),
        URLDecoder.decode(parts[2], UTF_8),
        Instant.parse(parts[3]),
        Instant.parse(parts[4]),
        parts.length > 5 ? Duration.parse(parts[5]) : null);
  }
}
