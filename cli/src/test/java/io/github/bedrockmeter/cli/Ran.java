// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/** The command as it ran, two hours ahead of the clock. */
record Ran(int exitCode, String out, String err) {

  /**
   * Runs the command.
   *
   * @param options follow the arguments
   */
  static Ran command(List<String> options, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        BedrockMeterCommand.execute(
            InstantSource.offset(InstantSource.system(), Duration.ofHours(2)),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            Stream.concat(Stream.of(arguments), options.stream()).toArray(String[]::new));
    return new Ran(exitCode, out.toString(), err.toString());
  }

  /** What was printed, when it ended with this exit code and without an error. */
  List<String> lines(int expectedExitCode) {
    assertThat(err).isEmpty();
    assertThat(exitCode).isEqualTo(expectedExitCode);
    return out.lines().toList();
  }

  /** The error, when it ended with this exit code and printed nothing else. */
  String error(int expectedExitCode) {
    assertThat(out).isEmpty();
    assertThat(exitCode).as(err).isEqualTo(expectedExitCode);
    return err.strip();
  }
}
