// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.support;

/**
 * Makes sure that a thread has stack left. A call that begins near the end of its thread's stack
 * could take a hold and then have no frames left to give it back. Stateless.
 */
public final class StackRoom {
  /*
   * No API says how much stack is left, so some of it is used: these frames are, compiled, about as
   * large as the meter's own from admission to settlement together, several times over. Where they
   * do not fit, the StackOverflowError comes now, when nothing is held.
   */
  private static final int FRAMES = 400;

  private StackRoom() {}

  /** Throws the {@link StackOverflowError} now that a call would meet later. */
  public static void check() {
    use(FRAMES, 1, 2, 3, 4);
  }

  /** All four are used after the call, so that each frame has to keep them. */
  private static long use(int frames, long a, long b, long c, long d) {
    return frames == 0 ? a : use(frames - 1, a + d, b + a, c + b, d + c) + a + b + c + d;
  }
}
