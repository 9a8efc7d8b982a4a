// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.budget.BudgetScope;
import io.github.bedrockmeter.internal.text.Durations;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger.AccountQuery;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Releases the holds of processes that ended without settling them. */
@Command(
    name = "release-abandoned",
    mixinStandardHelpOptions = true,
    description = {
      "Releases holds that processes left behind when they ended, in all windows.",
      "Without --yes it only prints what it would do. Bedrock may have billed these calls: charge"
          + " those with 'adjust' before you release their holds."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class ReleaseAbandonedCommand implements Runnable {
  @ParentCommand private CommandContext parent;
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "BUDGET",
      description = "Only in accounts of this budget. Default: in all accounts.")
  private @Nullable String budget;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "SCOPE",
      converter = ScopeConverter.class,
      description = "Only in this balance of the budget, as tenant=acme. Default: in all.")
  private @Nullable BudgetScope scope;

  @Option(
      names = "--id",
      paramLabel = "HOLD",
      description = "Only this hold; write --id=-h1 if its id begins with a dash.")
  private @Nullable String id;

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      defaultValue = "its process has ended",
      description = "The reason, kept where the ledger has tables. Default: ${DEFAULT-VALUE}.")
  private String reason;

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "Who releases them; kept with the reason. Default: this system's user.")
  private @Nullable String by;

  @Option(names = "--yes", description = "Release them.")
  private boolean yes;

  @Override
  public void run() {
    Instant now = parent.clock().instant();
    PrintWriter out = spec.commandLine().getOut();
    Correction correction = Texts.correction(spec.commandLine(), by, reason);
    try (OpenedLedger opened = parent.open()) {
      List<OpenHold> abandoned = abandoned(opened, now);
      for (OpenHold hold : abandoned) {
        if (yes) {
          opened.answer(opened.ledger().release(hold, correction));
        }
        Texts.line(out, (yes ? "released " : "would release ") + described(hold, now));
      }
      if (abandoned.isEmpty()) {
        Texts.line(out, "no abandoned holds");
      } else if (!yes) {
        Texts.line(out, "nothing was changed; add --yes to release them");
      }
    }
  }

  private List<OpenHold> abandoned(OpenedLedger opened, Instant now) {
    List<OpenHold> abandoned = new ArrayList<>();
    boolean isKnown = false;
    for (Balance balance : accounts(opened)) {
      if (balance.held() == 0) {
        continue;
      }
      for (OpenHold hold : opened.answer(opened.ledger().openHolds(balance.account()))) {
        if ((id == null || id.equals(hold.id())) && hold.amount() > 0) {
          isKnown = true;
          if (hold.abandoned()) {
            abandoned.add(hold);
          } else if (id != null) {
            throw new CommandFailedException(
                "hold "
                    + id
                    + " is "
                    + ShowCommand.age(hold, now)
                    + " old and counts as abandoned after "
                    + Durations.text(parent.abandonAfter())
                    + "; its call may still be in flight");
          }
        }
      }
    }
    if (id != null && !isKnown) {
      throw new CommandFailedException("there is no open hold with the id " + id);
    }
    return abandoned;
  }

  private List<Balance> accounts(OpenedLedger opened) {
    if (budget != null && scope != null) {
      return new AccountChoice(budget, scope, null, null).allIn(opened);
    }
    AccountQuery query = new AccountQuery(budget, null, Integer.MAX_VALUE);
    return opened.answer(opened.ledger().find(query));
  }

  private static String described(OpenHold hold, Instant now) {
    return hold.id()
        + " in "
        + Texts.name(hold.account())
        + " "
        + Texts.window(hold.account())
        + ": "
        + Texts.amount(hold.amount(), hold.account())
        + ", held for "
        + ShowCommand.age(hold, now);
  }
}
