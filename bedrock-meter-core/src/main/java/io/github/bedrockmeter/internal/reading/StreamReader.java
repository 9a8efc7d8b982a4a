// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import software.amazon.awssdk.core.SdkResponse;

/**
 * Reads one attempt of a stream while it passes by. Confined to the stream's thread, except that
 * {@link #finish} may run on another thread after the last event.
 *
 * @param <E> the SDK's event type
 */
public interface StreamReader<E> {

  /**
   * Looks at the response that opened the stream, whose headers may name the tier. Optional, and
   * before the first event.
   */
  default void started(SdkResponse response) {}

  /** Looks at an event and keeps its counts, never its text. May throw; the caller guards it. */
  void read(E event);

  /** What the events so far have said. */
  Reading finish();

  /** Whether any event carried output, so that the attempt may have been billed. */
  boolean sawOutput();

  /** Characters of output text that were delivered so far; what a local estimate starts from. */
  long deliveredCharacters();
}
