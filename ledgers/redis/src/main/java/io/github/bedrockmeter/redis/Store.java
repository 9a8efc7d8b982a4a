// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import io.github.bedrockmeter.ledger.LedgerSupport;
import io.github.bedrockmeter.ledger.LedgerSupport.Retries;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.redis.Witness.Sent;
import io.lettuce.core.RedisCommandExecutionException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one prefix, and what is known of them: changes carry what this ledger knows, and
 * answers are compared with it. No method throws or blocks. Thread-safe.
 */
final class Store {
  /** No account, and no wait, is longer; it keeps times within what Lua counts exactly. */
  static final Duration EIGHT_THOUSAND_YEARS = Duration.ofDays(8_000 * 365L);

  /** About ten seconds. */
  private static final Retries RETRIES =
      Retries.pausing(Duration.ofMillis(10), Duration.ofSeconds(1)).attempts(16);

  /** How many keys, and arguments, come before a script's own. */
  private static final int FIRST = 5;

  private final RedisCalls redis;
  private final AccountKeys keys;
  private final String graceMillis;
  private final InstantSource clock;
  private final Witness witness = new Witness();
  private final ClockCheck clocks = new ClockCheck();

  Store(RedisCalls redis, AccountKeys keys, String graceMillis, InstantSource clock) {
    this.redis = redis;
    this.keys = keys;
    this.graceMillis = graceMillis;
    this.clock = clock;
  }

  /**
   * What a script answered.
   *
   * @param at when, by the server's clock
   */
  record Answer(Instant at, List<?> body) {
    String text(int index) {
      return (String) body.get(index);
    }

    long number(int index) {
      return Long.parseLong(text(index));
    }
  }

  /** Has the server load a script that does nothing without keys of its own. */
  void load(Script script) {
    Sent sent = witness.next();
    Instant before = clock.instant();
    redis
        .load(script, allKeys(sent, List.of()), allArguments(sent, List.of()))
        .thenAccept(reply -> heard(sent, before, reply))
        .exceptionally(later -> null);
  }

  /**
   * Runs a script that does nothing the second time, again and again while Redis is unavailable.
   */
  CompletableFuture<Answer> repeat(Script script, List<String> own, List<String> arguments) {
    return RETRIES.run(
        () -> change(script, own, arguments), LedgerUnavailableException.class::isInstance);
  }

  /**
   * Runs a script that changes something.
   *
   * @param own its own keys
   * @param arguments its own arguments
   */
  CompletableFuture<Answer> change(Script script, List<String> own, List<String> arguments) {
    Sent sent = witness.next();
    Instant before = clock.instant();
    return redis
        .run(script, allKeys(sent, own), allArguments(sent, arguments))
        .whenComplete((reply, failure) -> noticed(failure))
        .thenApply(reply -> heard(sent, before, reply));
  }

  private String[] allKeys(Sent sent, List<String> own) {
    List<String> all = new ArrayList<>(FIRST + own.size());
    all.add(keys.index());
    all.add(keys.store());
    all.add(keys.witness(sent.id()));
    all.addAll(own);
    return all.toArray(String[]::new);
  }

  private String[] allArguments(Sent sent, List<String> arguments) {
    List<String> all = new ArrayList<>(FIRST + arguments.size());
    all.add(graceMillis);
    sent.addTo(all);
    all.addAll(arguments);
    return all.toArray(String[]::new);
  }

  private Answer heard(Sent sent, Instant before, List<Object> reply) {
    long millis = Long.parseLong((String) reply.get(0));
    Instant at = Instant.ofEpochMilli(millis);
    witness.heard(
        sent,
        millis,
        (String) reply.get(1),
        Long.parseLong((String) reply.get(2)),
        (String) reply.get(3));
    clocks.compare(at, before, clock.instant());
    return new Answer(at, (List<?>) reply.get(4));
  }

  private void noticed(@Nullable Throwable failure) {
    if (failure != null
        && LedgerSupport.unwrapped(failure).getCause()
            instanceof RedisCommandExecutionException refused) {
      String lost = Failures.lost(refused);
      if (lost != null) {
        witness.notice(lost);
      }
    }
  }

  /** Warns of clocks that differ. */
  ClockCheck clocks() {
    return clocks;
  }

  /** Reads accounts. */
  CompletableFuture<Answer> read(List<String> accounts, String leastAgeMillis) {
    return redis
        .run(Script.READ, accounts.toArray(String[]::new), new String[] {leastAgeMillis})
        .thenApply(
            reply ->
                new Answer(
                    Instant.ofEpochMilli(Long.parseLong((String) reply.get(0))),
                    reply.subList(1, reply.size())));
  }

  /** The keys of all accounts. */
  CompletableFuture<List<String>> accounts() {
    return redis.members(keys.index());
  }

  /** A duration as scripts get it. */
  static String millis(Duration duration) {
    boolean longer = duration.compareTo(EIGHT_THOUSAND_YEARS) > 0;
    return Long.toString((longer ? EIGHT_THOUSAND_YEARS : duration).toMillis());
  }

  /** Arguments of a script, to which more can be added. */
  static List<String> list(String... texts) {
    return new ArrayList<>(Arrays.asList(texts));
  }
}
