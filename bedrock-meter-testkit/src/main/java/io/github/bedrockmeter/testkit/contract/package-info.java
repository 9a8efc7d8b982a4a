// SPDX-License-Identifier: Apache-2.0
/**
 * What every implementation of an interface must do, as tests to extend: {@link
 * io.github.bedrockmeter.testkit.contract.PolicyContract} for a budget policy, {@link
 * io.github.bedrockmeter.testkit.contract.LedgerContract} for a ledger. Both need JUnit Jupiter and
 * AssertJ in the tests that extend them; this module does not bring them.
 */
@NullMarked
package io.github.bedrockmeter.testkit.contract;

import org.jspecify.annotations.NullMarked;
