// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.call;

import java.time.Duration;

/** How a call was changed so that a budget could take it, instead of refusing it. */
public sealed interface Amendment {

  /** The budget that the call did not fit as it was asked for. */
  String budget();

  /**
   * The call was sent with a lower limit on its output.
   *
   * @param budget the budget that asked for it
   * @param from the output tokens the request allowed, or the model does where it set no limit
   * @param to the output tokens it was sent with
   */
  record LoweredOutput(String budget, long from, long to) implements Amendment {}

  /**
   * The call was sent to another model.
   *
   * @param budget the budget that asked for it
   * @param from the model the caller asked for, as it is called
   * @param to the model it was sent to
   */
  record OtherModel(String budget, String from, String to) implements Amendment {}

  /**
   * The call was kept back until the budget had room.
   *
   * @param budget the budget that asked for it
   * @param time how long it waited
   */
  record Waited(String budget, Duration time) implements Amendment {}
}
