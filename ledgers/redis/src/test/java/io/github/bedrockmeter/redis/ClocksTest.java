// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Unit;
import io.github.bedrockmeter.support.RedisProcess;
import io.lettuce.core.RedisClient;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The server's clock beside this process's. */
class ClocksTest {
  private final PrintStream err = System.err;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private RedisProcess server;
  private RedisClient client;

  @BeforeEach
  void start() throws Exception {
    server = RedisProcess.start();
    client = RedisClient.create(server.uri());
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void stop() throws Exception {
    System.setErr(err);
    client.shutdown();
    server.close();
  }

  private List<String> warnings() {
    return log.toString(StandardCharsets.UTF_8).lines().filter(l -> l.contains("clock")).toList();
  }

  private RedisLedger ledger(Duration ahead) {
    return RedisLedger.builder(client.connect())
        .clock(InstantSource.offset(InstantSource.system(), ahead))
        .build();
  }

  /** Two calls in the window of an hour that contains an instant. */
  private static void call(Ledger ledger, Instant in) {
    Account hour =
        new Account("hour", Unit.TOKENS, "", in.minusSeconds(1_800), in.plusSeconds(1_800));
    for (String id : List.of("a", "b")) {
      List<Hold> call = List.of(new Hold(id, hour, 1, 10, true));
      ledger.hold(call).toCompletableFuture().join();
      ledger.settle(call, new long[] {1}).toCompletableFuture().join();
    }
  }

  @Test
  void aClockThatDiffersIsReportedOnceWithBothTimes() {
    call(ledger(Duration.ofDays(1)), Instant.now());

    assertThat(warnings())
        .singleElement()
        .asString()
        .matches(
            ".*WARN io.github.bedrockmeter.redis.ClockCheck - The clocks of Redis and of this process"
                + " differ: Redis has 20[^ ]+Z, this process has 20[^ ]+Z; synchronize them, .*");
  }

  @Test
  void aClockThatIsBehindIsReportedToo() {
    call(ledger(Duration.ofMinutes(-4)), Instant.now());

    assertThat(warnings()).hasSize(1);
  }

  @Test
  void aCallInAWindowOfAnotherTimeIsReportedOnceWithBothTimes() {
    call(ledger(Duration.ZERO), Instant.now().plus(Duration.ofDays(1)));

    assertThat(warnings())
        .singleElement()
        .asString()
        .matches(
            ".*The clocks of Redis and of the meter differ: Redis has 20[^ ]+Z, and a call was counted"
                + " in the window from 20[^ ]+Z to 20[^ ]+Z; synchronize them");
  }

  @Test
  void aMinuteIsNoDifference() {
    call(ledger(Duration.ofMinutes(1)), Instant.now());
    call(ledger(Duration.ofMinutes(-1)), Instant.now());

    assertThat(warnings()).isEmpty();
  }
}
