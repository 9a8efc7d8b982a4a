// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import picocli.CommandLine.Command;

/** Application inference profiles, by which AWS bills each cost centre on its own. */
@Command(
    name = "profiles",
    mixinStandardHelpOptions = true,
    modelTransformer = ControlPlaneOptions.Transformer.class,
    description = {
      "Lists and creates Bedrock's application inference profiles, and writes the names by which"
          + " your code calls them.",
      "It uses AWS credentials as the AWS SDK finds them, and no ledger."
    },
    subcommands = {
      ProfilesListCommand.class,
      ProfilesCreateCommand.class,
      ProfilesMapCommand.class
    },
    footer = {
      "",
      "Examples:",
      "  bedrock-meter profiles list --region eu-central-1",
      "  bedrock-meter profiles create --model eu.anthropic.claude-sonnet-4-6 --tag costCenter=sales"
          + " --yes",
      "  bedrock-meter profiles map --by costCenter --format properties"
    })
final class ProfilesCommand {}
