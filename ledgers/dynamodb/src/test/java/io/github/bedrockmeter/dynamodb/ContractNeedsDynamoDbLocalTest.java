// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Stands here for the tests against a database, so that a build without them says so. */
class ContractNeedsDynamoDbLocalTest {
  @Test
  void theLedgerContractRunsInAModuleOfItsOwn() {
    String notice =
        "NOT TESTED HERE: the ledger contract runs against DynamoDB Local, with"
            + " mvn -Pdynamodb-local verify";
    System.err.println(notice);
    Assumptions.abort(notice);
  }
}
