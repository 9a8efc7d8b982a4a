// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import io.github.bedrockmeter.budget.Budget.Mode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One thing that happens. Numbers that choose a call or a budget are taken modulo how many are. */
sealed interface Step {

  /** How a call is made. */
  enum Kind {
    CONVERSE,
    STREAM,
    INVOKE
  }

  /**
   * What a caller asks for.
   *
   * @param number tells calls apart
   * @param team null for a call without tag
   * @param maxTokens null for a call that sets no limit
   * @param input its input tokens
   */
  record Ask(
      int number,
      Kind kind,
      String model,
      @Nullable String team,
      @Nullable Integer maxTokens,
      int input) {}

  /** How a call ends. */
  enum End {
    ANSWERED,
    ANSWERED_WITHOUT_USAGE,
    THROTTLED,
    NEVER_CONNECTED,
    TIMED_OUT,
    /** An error after output, where it streams. */
    BROKEN_OFF,
    /** The caller leaves: it cancels the subscription where it streams, else the future. */
    ABANDONED
  }

  /**
   * The end of a call.
   *
   * @param percent of the estimate, that it used
   */
  record Ending(End end, int percent) {}

  /** A call; answered at once, or in flight until it is ended. */
  record Call(Ask ask, @Nullable Ending atOnce) implements Step {}

  /** A call in flight ends. */
  record Finish(int call, Ending ending) implements Step {}

  /** The caller of a call that waits cancels it. */
  record Leave(int call) implements Step {}

  /** Time passes. */
  record Pass(Duration time) implements Step {}

  /** Somebody sets the clock; no time passes. */
  record Jump(Duration by) implements Step {}

  record SetMode(int budget, Mode mode) implements Step {}

  record GiveMore(int budget, String team, long extra, Duration during) implements Step {}

  /** Freezes a team's balance, or the whole budget. */
  record Freeze(int budget, @Nullable String team) implements Step {}

  record Thaw(int budget, @Nullable String team) implements Step {}

  /** Charges; credits if negative. */
  record Correct(int budget, String team, long amount) implements Step {}

  record Replace(List<Definition> definitions) implements Step {}
}
