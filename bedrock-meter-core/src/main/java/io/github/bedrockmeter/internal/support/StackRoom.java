// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.support;

/**
 * Makes sure that a thread has stack left. A call that begins near the end of its thread's stack
 * could take a hold and then have no frames left to give it back. Stateless.
 */
public final class StackRoom {
  /*
   * No API says how much stack is left, so some of it is used: these frames are, compiled, more than
   * twice what the meter's own need from admission to settlement. Where they do not fit, the
   * StackOverflowError comes now, when nothing is held. Few wide frames, since a processor predicts
   * where the last few calls return to, and each one beyond costs it as much as a lock.
   */
  private static final int FRAMES = 64;

  private StackRoom() {}

  /** Throws the {@link StackOverflowError} now that a call would meet later. */
  public static void check() {
    use(FRAMES, 1, 2, 3, 4, 5, 6, 7);
  }

  /** All seven are used after the call, so that each frame has to keep them. */
  private static long use(int frames, long a, long b, long c, long d, long e, long f, long g) {
    return frames == 0 ? a : use(frames - 1, b, c, d, e, f, g, a) + a + b + c + d + e + f + g;
  }
}
