// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.BooleanSupplier;

/** A body's stream whose reads show that the body leaves. Confined to one thread. */
final class LeavingStream extends FilterInputStream {
  private final BooleanSupplier mayLeave;

  /**
   * A stream of a body.
   *
   * @param mayLeave asked before each read; false if the call has ended, so that nothing may leave
   *     any more
   */
  LeavingStream(InputStream body, BooleanSupplier mayLeave) {
    super(body);
    this.mayLeave = mayLeave;
  }

  @Override
  public int read() throws IOException {
    see();
    return super.read();
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    see();
    return super.read(bytes, offset, length);
  }

  private void see() throws IOException {
    if (!mayLeave.getAsBoolean()) {
      throw new IOException("the call has ended");
    }
  }
}
