// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.journal;

import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.jdbc.Databases;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/**
 * A process that makes calls and prints the id of each when its event was accepted, with the time,
 * until it is killed. Arguments: the port and name of a PostgreSQL, or "h2" and a file; the
 * directory; the flush interval in milliseconds.
 */
final class JournalWriter {
  private JournalWriter() {}

  public static void main(String[] args) {
    Duration interval = Duration.ofMillis(Long.parseLong(args[3]));
    UsageJournal.Builder builder =
        args[0].equals("h2")
            ? UsageJournal.builder(Path.of(args[1]))
            : UsageJournal.builder(
                Databases.pool(Integer.parseInt(args[0]), args[1], 2), Path.of(args[2]));
    UsageJournal journal = builder.flushInterval(interval).build();
    AtomicReference<String> accepted = new AtomicReference<>("");
    MeterListener listener =
        new MeterListener() {
          @Override
          public void onUsage(UsageEvent event) {
            journal.onUsage(event);
            accepted.set(event.call().id());
          }
        };
    BedrockRuntimeClient client = Events.meteredClient(listener);
    while (true) {
      client.converse(r -> r.modelId("a-model"));
      System.out.println(accepted.get() + " " + System.currentTimeMillis());
      System.out.flush();
      // Where there is an interval, the events of some seconds are to be replayed in good time.
      LockSupport.parkNanos(interval.toNanos() / 1_000);
    }
  }
}
