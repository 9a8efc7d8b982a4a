// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The options that say whose profiles, and where. Confined to one thread. */
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class ControlPlaneOptions {
  /** Options of the whole command that only a ledger has a use for. */
  private static final List<String> LEDGERS_OWN =
      List.of("--ledger", "--prefix", "--abandon-after");

  private static final Pattern REGION = Pattern.compile("[a-z]{2,}(-[a-z]+)+-[0-9]+");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--region",
      paramLabel = "REGION",
      description = "The AWS region, as eu-central-1. Default: as the AWS SDK finds it.")
  private @Nullable String region;

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      description =
          "The profile in AWS's own configuration files that has the credentials."
              + " Default: as the AWS SDK finds them.")
  private @Nullable String awsProfile;

  /** Takes the ledger's options out of the commands that have no ledger. For picocli. */
  static final class Transformer implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec spec) {
      for (String name : LEDGERS_OWN) {
        OptionSpec option = spec.findOption(name);
        if (option != null) {
          spec.remove(option);
        }
      }
      OptionSpec endpoint = spec.findOption("--endpoint");
      if (endpoint != null) {
        spec.remove(endpoint);
        spec.addOption(
            OptionSpec.builder(endpoint)
                .scopeType(ScopeType.LOCAL) // the subcommands have it already
                .description(
                    "The endpoint of Bedrock's control plane. Default: that of the region.")
                .build());
      }
      return spec;
    }
  }

  /** Opens the control plane; the caller closes it. */
  ControlPlane open() {
    refuseWhatOnlyALedgerUses();
    if (region != null && !REGION.matcher(region).matches()) {
      throw misused(
          "--region must be the name of an AWS region, as eu-central-1: '" + region + "'");
    }
    if (awsProfile != null && awsProfile.isBlank()) {
      throw misused("--profile must not be blank; as --profile billing");
    }
    Duration timeout = Objects.requireNonNull(valueOf("--timeout", Duration.class));
    if (timeout.toMillis() < 1) {
      throw misused("--timeout must be at least one millisecond: " + timeout + "; as PT5S");
    }
    return new ControlPlane.Address(region, awsProfile, endpoint(), timeout).open();
  }

  private @Nullable URI endpoint() {
    URI endpoint = valueOf("--endpoint", URI.class);
    if (endpoint != null
        && (endpoint.getHost() == null
            || endpoint.getUserInfo() != null
            || !String.valueOf(endpoint.getScheme()).matches("https?"))) {
      throw misused(
          "--endpoint must be a URL without a user, as https://bedrock.eu-central-1.amazonaws.com");
    }
    return endpoint;
  }

  /** The value of an option of the whole command. */
  private <T> @Nullable T valueOf(String option, Class<T> type) {
    OptionSpec spelled = Objects.requireNonNull(spec.findOption(option));
    return type.cast(spelled.<@Nullable Object>getValue());
  }

  /**
   * Such an option may stand before the word {@code profiles}, where the whole command takes it.
   */
  private void refuseWhatOnlyALedgerUses() {
    for (String name : LEDGERS_OWN) {
      if (spec.root().commandLine().getParseResult().hasMatchedOption(name)) {
        throw misused(name + " has no use here: inference profiles are AWS's, and in no ledger");
      }
    }
  }

  private ParameterException misused(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
