// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import picocli.CommandLine.Command;

/** What models cost, and where the figures come from. Needs no ledger. */
@Command(
    name = "prices",
    mixinStandardHelpOptions = true,
    description = "Shows, compares, checks and imports prices. Needs no ledger.",
    subcommands = {
      PricesShowCommand.class,
      PricesCheckCommand.class,
      PricesDiffCommand.class,
      PricesImportCommand.class
    })
final class PricesCommand {}
