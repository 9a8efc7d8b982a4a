// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.ledger.Account;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * Warns once if DynamoDB's clock, as the header {@code Date} of its answers has it, and the
 * ledger's differ: calls would be counted in windows of another time, and holds dated wrongly.
 * Thread-safe.
 */
final class ClockCheck {
  /** Windows are hours and days; machines whose time is synchronized differ by milliseconds. */
  private static final Duration TOLERATED = Duration.ofMinutes(3);

  private static final Log log = Log.to(LoggerFactory.getLogger(ClockCheck.class));

  private final InstantSource clock;
  private final AtomicBoolean hasWarned = new AtomicBoolean();

  ClockCheck(InstantSource clock) {
    this.clock = clock;
  }

  /** A request is answered that was sent at an instant, about accounts. */
  void compare(SdkHttpResponse response, Instant sent, List<Account> accounts) {
    if (hasWarned.get()) {
      return;
    }
    response
        .firstMatchingHeader("Date")
        .ifPresent(
            date -> {
              try {
                Instant store =
                    ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
                compare(store, sent, accounts);
              } catch (DateTimeException unreadable) {
                log.debug("The Date of an answer is unreadable", unreadable);
              }
            });
  }

  private void compare(Instant store, Instant sent, List<Account> accounts) {
    Instant received = clock.instant();
    if (store.isBefore(sent.minus(TOLERATED)) || store.isAfter(received.plus(TOLERATED))) {
      if (hasWarned.compareAndSet(false, true)) {
        log.warn(
            "The clocks of DynamoDB and of this process differ: DynamoDB has {}, this process has"
                + " {}; synchronize it, or calls are counted in windows of another time",
            store,
            received);
      }
      return;
    }
    for (Account account : accounts) {
      if (!account.isForever()
          && (store.isBefore(account.start().minus(TOLERATED))
              || store.isAfter(account.end().plus(TOLERATED)))
          && hasWarned.compareAndSet(false, true)) {
        log.warn(
            "The clocks of DynamoDB and of the meter differ: DynamoDB has {}, and a call was counted"
                + " in the window from {} to {}; synchronize them",
            store,
            account.start(),
            account.end());
      }
    }
  }
}
