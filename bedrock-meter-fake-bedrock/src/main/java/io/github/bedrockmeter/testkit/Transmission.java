// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What the server does to one connection for one request.
 *
 * @param delay how long to wait first
 * @param chunked whether the length of the body is left open until its end
 */
record Transmission(
    Duration delay,
    int status,
    Map<String, String> headers,
    List<Part> parts,
    boolean chunked,
    Ending ending) {

  enum Ending {
    /** All parts are sent and the response ends as HTTP requires. */
    COMPLETE,
    /** Half of the last part is sent, then the connection is closed. */
    DROP,
    /** The connection is reset instead of a response. */
    RESET,
    /** Nothing is sent. */
    SILENCE
  }

  /**
   * A piece of the body that is written by itself.
   *
   * @param pause how long to wait before it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, written once
  record Part(byte[] bytes, Duration pause) {}

  static Transmission withoutResponse(Ending ending, Duration delay) {
    return new Transmission(delay, 0, Map.of(), List.of(), false, ending);
  }
}
