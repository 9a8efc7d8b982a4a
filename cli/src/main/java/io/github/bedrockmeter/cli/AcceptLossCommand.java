// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.redis.RedisLedger;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Lets calls pass again after a Redis has lost what ledgers had stored. */
@Command(
    name = "accept-loss",
    mixinStandardHelpOptions = true,
    description = {
      "Accepts what a Redis has now, after it lost what ledgers had stored and calls are denied.",
      "Correct the balances with 'adjust' first. Without --yes it changes nothing."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class AcceptLossCommand implements Runnable {
  @ParentCommand private CommandContext parent;
  @Spec private CommandSpec spec;

  @Option(
      names = "--reason",
      required = true,
      paramLabel = "REASON",
      description = "The reason, kept in the store.")
  private String reason;

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "Who accepts it; kept with the reason. Default: this system's user.")
  private @Nullable String by;

  @Option(names = "--yes", description = "Accept it.")
  private boolean yes;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    Correction correction = Texts.correction(spec.commandLine(), by, reason);
    try (OpenedLedger opened = parent.open()) {
      if (!(opened.ledger() instanceof RedisLedger redis)) {
        throw new CommandFailedException(
            "accept-loss is for a ledger in Redis; others have no such state",
            new IllegalArgumentException(opened.ledger().getClass().getSimpleName()));
      }
      if (!yes) {
        out.println("nothing was changed; add --yes to accept what the store has now");
        return;
      }
      out.println(
          opened.answer(redis.acceptLoss(correction))
              ? "accepted; calls pass again"
              : "accepted, although no process had noticed a loss");
    }
  }
}
