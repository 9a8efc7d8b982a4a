// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.logging.LogManager;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The {@code bedrock-meter} command: shows a ledger's accounts, corrects them, and releases holds
 * that processes left behind when they ended. Exits with 0, with 1 if it failed, and with 2 if its
 * arguments were wrong. Confined to one thread.
 */
@Command(
    name = "bedrock-meter",
    mixinStandardHelpOptions = true,
    version = "bedrock-meter 0.1.0-SNAPSHOT",
    description = "Shows the accounts of a ledger and corrects them.",
    subcommands = {
      AccountsCommand.class,
      ShowCommand.class,
      AdjustCommand.class,
      ReleaseAbandonedCommand.class,
      AcceptLossCommand.class,
      PricesCommand.class,
      ProfilesCommand.class,
      ReportCommand.class,
      DailyCommand.class,
      MonthlyCommand.class,
      SessionCommand.class,
      ExportCommand.class,
      ReconcileCommand.class,
      WhatIfCommand.class,
      CacheCommand.class,
      BudgetAdviceCommand.class,
      RepriceCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it did what it was asked for",
      "1:it failed; the message explains it in one line",
      "2:its arguments were wrong; nothing was done"
    },
    footer = {
      "",
      "Examples:",
      "  bedrock-meter --ledger redis://localhost accounts --now",
      "  bedrock-meter show tenant-daily tenant=acme",
      "  bedrock-meter adjust tenant-daily tenant=acme -1.50usd --reason refund --yes",
      "  bedrock-meter release-abandoned tenant-daily --yes",
      "  bedrock-meter prices show us.anthropic.claude-sonnet-5 --region us-east-1"
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
public final class BedrockMeterCommand implements CommandContext {
  @Spec private CommandSpec spec;

  @Option(
      names = "--ledger",
      paramLabel = "URL",
      scope = ScopeType.INHERIT,
      defaultValue = "${env:BEDROCK_METER_LEDGER}",
      description = {
        "A URL that begins with redis://, rediss://,",
        "redis-cluster://, redis-sentinel://,",
        "jdbc:postgresql: or jdbc:h2:, or",
        "dynamodb://REGION/TABLE. No part of it that",
        "may be a password is printed.",
        "Default: the environment variable BEDROCK_METER_LEDGER, which keeps passwords out of the"
            + " list of processes."
      })
  private @Nullable String ledger;

  @Option(
      names = "--prefix",
      paramLabel = "PREFIX",
      scope = ScopeType.INHERIT,
      description = "The prefix of the ledger's keys or tables. Default: the ledger's default.")
  private @Nullable String prefix;

  @Option(
      names = "--endpoint",
      paramLabel = "URI",
      converter = Converters.OfUri.class,
      scope = ScopeType.INHERIT,
      description = "DynamoDB's endpoint. Default: that of its region.")
  private @Nullable URI endpoint;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = Converters.OfDuration.class,
      scope = ScopeType.INHERIT,
      defaultValue = "PT5S",
      description = "How long connecting and each answer may take. Default: ${DEFAULT-VALUE}.")
  private Duration timeout;

  @Option(
      names = "--abandon-after",
      paramLabel = "DURATION",
      converter = Converters.OfDuration.class,
      scope = ScopeType.INHERIT,
      defaultValue = "PT1H",
      description =
          "The age at which a hold counts as abandoned; longer than any call takes."
              + " Default: ${DEFAULT-VALUE}.")
  private Duration abandonAfter;

  private final InstantSource clock;

  private BedrockMeterCommand(InstantSource clock) {
    this.clock = clock;
  }

  /** Runs the command and exits. */
  public static void main(String[] args) {
    // PostgreSQL's driver also logs the exceptions it throws.
    LogManager.getLogManager().reset();
    PrintWriter out = new PrintWriter(System.out, true, charset());
    PrintWriter err = new PrintWriter(System.err, true, Charset.defaultCharset());
    System.exit(execute(InstantSource.system(), out, err, args));
  }

  /** What is no terminal is a file or a program, which has letters of every language. */
  private static Charset charset() {
    return Terminal.isThere() ? Charset.defaultCharset() : StandardCharsets.UTF_8;
  }

  /**
   * Runs the command.
   *
   * @param clock decides which windows are current and how old holds are
   * @return the exit code
   */
  static int execute(InstantSource clock, PrintWriter out, PrintWriter err, String... args) {
    CommandLine command = new CommandLine(new BedrockMeterCommand(clock));
    // A reason may begin with @; picocli's own trace would print the URL.
    command.setExpandAtFiles(false);
    CommandLine.tracer().setLevel(CommandLine.TraceLevel.OFF);
    // A credit, as -1000tokens, looks like an option.
    Objects.requireNonNull(command.getSubcommands().get("adjust"))
        .setUnmatchedOptionsArePositionalParams(true);
    // So does a hold's id, as in --id=-h1.
    Objects.requireNonNull(command.getSubcommands().get("release-abandoned"))
        .setAllowOptionsAsOptionParameters(true);
    command
        .setOut(out)
        .setErr(err)
        .setExecutionExceptionHandler(BedrockMeterCommand::failed)
        .setParameterExceptionHandler(Refusals::print);
    try {
      return command.execute(args);
    } catch (Throwable failure) { // an Error, such as a class that is missing
      Texts.line(err, "bedrock-meter: " + failure.getClass().getName());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private static int failed(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    Texts.line(command.getErr(), "bedrock-meter: " + Causes.of(failure));
    return CommandLine.ExitCode.SOFTWARE;
  }

  @Override
  public InstantSource clock() {
    return clock;
  }

  @Override
  public Duration abandonAfter() {
    return abandonAfter;
  }

  @Override
  public OpenedLedger open() {
    if (ledger == null || ledger.isBlank()) {
      throw misused(
          "--ledger is missing: add --ledger redis://localhost, or set BEDROCK_METER_LEDGER");
    }
    requirePositive("--timeout", timeout);
    requirePositive("--abandon-after", abandonAfter);
    try {
      return new OpenedLedger.Address(
              new LedgerUrl(ledger), prefix, endpoint, timeout, abandonAfter)
          .open();
    } catch (IllegalArgumentException misused) {
      throw misused(String.valueOf(misused.getMessage()));
    }
  }

  private void requirePositive(String option, Duration duration) {
    if (duration.toMillis() < 1) {
      throw misused(option + " must be at least one millisecond: " + duration + "; as PT5S");
    }
  }

  private ParameterException misused(String message) {
    return new Refusals.InOurWords(spec.commandLine(), message);
  }
}
