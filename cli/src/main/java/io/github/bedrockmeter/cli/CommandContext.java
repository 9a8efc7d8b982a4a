// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import java.time.Duration;
import java.time.InstantSource;

/** What a subcommand gets from the command's own options. Confined to one thread. */
interface CommandContext {

  /** The clock that decides which windows are current and how old holds are. */
  InstantSource clock();

  /** The age at which a hold counts as abandoned. */
  Duration abandonAfter();

  /** Opens the ledger that the options name; the caller closes it. */
  OpenedLedger open();
}
