// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import java.io.IOException;
import java.io.PrintStream;

/** The standard output, for Lambda and for containers whose output goes to CloudWatch Logs. */
final class StandardOutput implements Target {
  /*
   * System.out, and not a stream of our own on the same descriptor: it writes a whole line under
   * the lock that the application's own lines are written under, so that no line lands inside
   * another, and it is what Lambda's runtime replaces with its own. Its errors are known by a flag
   * that stays set, so after the first one each line counts as lost.
   */
  @Override
  public void write(byte[] line) throws IOException {
    PrintStream out = System.out;
    out.write(line, 0, line.length);
    if (out.checkError()) { // flushes
      throw new IOException("the standard output is closed, or has failed before");
    }
  }

  @Override
  public boolean isWorthRepeating() {
    return false;
  }

  @Override
  public void release() {}

  @Override
  public String toString() {
    return "the standard output";
  }
}
