// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import io.github.bedrockmeter.internal.text.Log;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.slf4j.LoggerFactory;

/**
 * What one ledger knows of its store, so that it notices when the store has lost something: the
 * epoch, and how many of this ledger's own changes the store has confirmed. {@link ScriptFunctions}
 * has the other half. Thread-safe.
 *
 * <p>Numbers of changes are given out once. One that comes twice shows that the store went back in
 * time in between, whatever order the answers come in.
 */
final class Witness {
  private static final Log log = Log.to(LoggerFactory.getLogger(Witness.class));

  /** More changes than are under way at a time. */
  private static final int REMEMBERED = 4_096;

  /** More than any store has counted, and exact in Lua: the store has lost something. */
  private static final long BEYOND_ANY = (1L << 53) - 1;

  private static final long HALF_DAY_MILLIS = Duration.ofHours(12).toMillis();

  private final long[] numbers = new long[REMEMBERED];
  private String id = UUID.randomUUID().toString();
  private String epoch = "";
  private boolean hasNoticed;
  private long confirmed;
  private long heardMillis;

  /**
   * What a script is sent.
   *
   * @param id whose changes it counts
   * @param epoch the known epoch, or an empty text
   * @param confirmed the highest number of a change that was confirmed
   * @param heardMillis when it was, by the server's clock
   */
  record Sent(String id, String epoch, long confirmed, long heardMillis) {

    /** Adds what the scripts expect. */
    void addTo(List<String> arguments) {
      arguments.add(epoch);
      arguments.add(Long.toString(confirmed));
      arguments.add(Long.toString(heardMillis));
      arguments.add(id);
    }
  }

  synchronized Sent next() {
    return new Sent(id, epoch, confirmed, heardMillis);
  }

  /**
   * An answer came.
   *
   * @param number the number of the change; zero if nothing was changed
   * @param lost what the store says it has lost; an empty text if nothing
   */
  synchronized void heard(Sent sent, long millis, String current, long number, String lost) {
    if (!lost.isEmpty()) {
      notice(lost);
    } else if (confirmed < BEYOND_ANY) {
      hasNoticed = false;
    }
    if (!sent.id().equals(id)) {
      return; // from before an operator accepted what is there
    }
    if (epoch.isEmpty()) {
      epoch = current;
    } else if (!current.isEmpty() && !current.equals(epoch) && lost.isEmpty()) {
      log.info("The store's loss was accepted by an operator, calls pass again");
      begin(current);
      return;
    }
    if (number > 0) {
      if (millis - heardMillis > HALF_DAY_MILLIS && number <= confirmed) {
        Arrays.fill(numbers, 0); // the store forgets a witness after a day, and counts anew
        confirmed = 0;
      }
      int place = (int) (number % REMEMBERED);
      if (numbers[place] == number && lost.isEmpty()) {
        notice(millis + " its latest writes are gone");
        confirmed = BEYOND_ANY; // the next script writes it down
      }
      numbers[place] = number;
      confirmed = Math.max(confirmed, number);
      heardMillis = Math.max(heardMillis, millis);
    }
  }

  /** The store has lost something; it is logged once, until an operator accepts it. */
  synchronized void notice(String lost) {
    if (!hasNoticed) {
      hasNoticed = true;
      log.error(
          "Redis has lost what the ledger had stored: {}. Calls are denied until an operator"
              + " accepts it, see docs/ledgers-redis.md",
          lost.substring(lost.indexOf(' ') + 1));
    }
  }

  private void begin(String accepted) {
    epoch = accepted;
    id = UUID.randomUUID().toString();
    hasNoticed = false;
    confirmed = 0;
    heardMillis = 0;
    Arrays.fill(numbers, 0);
  }
}
