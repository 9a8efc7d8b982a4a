// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.budget.BudgetScope;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import java.io.PrintWriter;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Charges or credits an account. */
@Command(
    name = "adjust",
    mixinStandardHelpOptions = true,
    description = {
      "Charges or credits an account: +1.50usd, -1000tokens, +3requests.",
      "Without --yes it only prints what it would do. A credit does not take the settled amount"
          + " below zero."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class AdjustCommand implements Runnable {
  @ParentCommand private CommandContext parent;
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "BUDGET", description = "The budget's name.")
  private String budget;

  @Parameters(
      index = "1",
      paramLabel = "SCOPE",
      converter = ScopeConverter.class,
      description = "The balance, as tenant=acme; '' if the budget has one balance only.")
  private BudgetScope scope;

  @Parameters(
      index = "2",
      paramLabel = "AMOUNT",
      converter = SignedAmountConverter.class,
      description = "The amount with its sign and unit, as -1.50usd.")
  private SignedAmount amount;

  @Option(
      names = "--reason",
      required = true,
      paramLabel = "REASON",
      description =
          "The reason. Kept beside the balance where the ledger has tables, and printed with the"
              + " result.")
  private String reason;

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "Who corrects it; kept with the reason. Default: this system's user.")
  private @Nullable String by;

  @Option(
      names = "--window",
      paramLabel = "INSTANT",
      converter = Converters.OfInstant.class,
      description = "An instant in the window, as 2026-11-23T00:00:00Z. Default: now.")
  private @Nullable Instant window;

  @Option(names = "--yes", description = "Make the change.")
  private boolean yes;

  /** For picocli. */
  static final class SignedAmountConverter implements ITypeConverter<SignedAmount> {
    @Override
    public SignedAmount convert(String text) {
      try {
        return SignedAmount.parse(text);
      } catch (IllegalArgumentException malformed) {
        throw new TypeConversionException(String.valueOf(malformed.getMessage()));
      }
    }
  }

  @Override
  public void run() {
    Instant now = parent.clock().instant();
    PrintWriter out = spec.commandLine().getOut();
    Correction correction = Texts.correction(spec.commandLine(), by, reason);
    try (OpenedLedger opened = parent.open()) {
      Instant at = window == null ? now : window;
      Balance balance = new AccountChoice(budget, scope, amount.amount().unit(), at).oneIn(opened);
      Account account = balance.account();
      if (!yes) {
        long after = Math.max(0, Math.addExact(balance.settled(), amount.delta()));
        Texts.line(out, "would adjust " + described(account, balance.settled(), after, correction));
        Texts.line(out, "nothing was changed; add --yes to change it");
        return;
      }
      Settled step = adjusted(opened, account, correction);
      Texts.line(out, "adjusted " + described(account, step.before(), step.after(), correction));
    }
  }

  private Settled adjusted(OpenedLedger opened, Account account, Correction correction) {
    try {
      return opened.answer(opened.ledger().adjust(account, amount.delta(), correction));
    } catch (CommandFailedException unsure) {
      throw new CommandFailedException(
          unsure.getMessage()
              + "; the change may have been made, so check the balance before you repeat it",
          unsure);
    }
  }

  private String described(Account account, long before, long after, Correction correction) {
    return Texts.name(account)
        + " "
        + Texts.window(account)
        + " by "
        + amount
        + ": settled "
        + Texts.amount(before, account)
        + " -> "
        + Texts.amount(after, account)
        + "; by "
        + correction.by()
        + "; reason: "
        + correction.reason();
  }
}
