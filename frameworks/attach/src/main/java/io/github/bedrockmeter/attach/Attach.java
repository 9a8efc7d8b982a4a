// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.attach;

import io.github.bedrockmeter.BedrockMeter;

/**
 * Says which meter the clients of this application are metered by. With this jar on the class path,
 * each Bedrock Runtime client that is built, by whatever code, asks for it with each call; clients
 * of other services never do. Thread-safe.
 *
 * <pre>{@code
 * BedrockMeter meter = BedrockMeter.builder().budget(...).build();
 * Attach.Attached attached = Attach.use(meter);   // before the first call
 * ...
 * attached.close();                               // when the application stops, before the meter
 * }</pre>
 *
 * <p>Without code, a file {@code bedrock-meter.properties} on the class path does it; the page
 * {@code docs/attach.md} has its keys, and what is not seen of a client that is metered so.
 */
public final class Attach {
  private Attach() {}

  /** A meter in use; to be closed when the application stops. */
  @FunctionalInterface
  public interface Attached extends AutoCloseable {
    /** Calls made after this are not metered by it; those under way are. */
    @Override
    void close();
  }

  /**
   * Meters the clients of this application by this meter, from their next call on, those that were
   * built before included. The application is the context class loader of this thread, where that
   * knows this class, and all below it; else the class loader of this class. It takes the place of
   * a properties file.
   *
   * @throws IllegalStateException if another meter is in use, which is to be closed first; or if
   *     the AWS SDK is older than 2.41.34
   */
  public static Attached use(BedrockMeter meter) {
    Home home = Home.of(Thread.currentThread().getContextClassLoader());
    Runnable end = home.use(meter.interceptor());
    return end::run;
  }
}
