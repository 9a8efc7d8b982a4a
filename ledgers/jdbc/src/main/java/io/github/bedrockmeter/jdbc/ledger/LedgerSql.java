// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import io.github.bedrockmeter.jdbc.internal.Schema;
import io.github.bedrockmeter.ledger.Account;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.UUID;

/** What the ledger's statements have in common. Immutable and thread-safe. */
final class LedgerSql {
  /** Not past its time; an account with an idle time lives on while something is held. */
  static final String LIVE =
      "(a.expires_at IS NULL OR a.expires_at > CURRENT_TIMESTAMP"
          + " OR (a.idle_ms IS NOT NULL AND EXISTS"
          + " (SELECT 1 FROM {hold} o WHERE o.account_id = a.account_id)))";

  /** Whether a hold is older than a number of milliseconds, which is the only parameter. */
  static final String ABANDONED =
      "h.since < CURRENT_TIMESTAMP - CAST(? AS BIGINT) * INTERVAL '0.001' SECOND";

  /**
   * The order in which every transaction locks rows: those with a scope first, then by their ids,
   * so that one that waits for a tenant's row has not locked the row that all tenants share.
   *
   * @param row the name of the row and a dot; empty where there is one table
   */
  static String lockOrder(String row) {
    return " ORDER BY CASE WHEN " + row + "scope = '' THEN 1 ELSE 0 END, " + row + "account_id";
  }

  /**
   * When an account expires that is written now.
   *
   * @param row the name of the row and a dot; empty where there is one table
   */
  static String expiry(String row) {
    return "CASE WHEN "
        + row
        + "idle_ms IS NULL THEN "
        + row
        + "expires_at ELSE CURRENT_TIMESTAMP + "
        + row
        + "idle_ms * INTERVAL '0.001' SECOND END";
  }

  private final Schema schema;

  LedgerSql(Schema schema) {
    this.schema = schema;
  }

  String accounts() {
    return schema.table("account");
  }

  String holds() {
    return schema.table("hold");
  }

  String settled() {
    return schema.table("settled");
  }

  /**
   * Puts the tables' names in the places of {@code {account}}, {@code {hold}}, {@code {settled}}
   * and {@code {correction}}.
   */
  String of(String template) {
    return template
        .replace("{account}", accounts())
        .replace("{hold}", holds())
        .replace("{settled}", settled())
        .replace("{correction}", schema.table("correction"));
  }

  static void setIds(PreparedStatement statement, int first, Collection<UUID> ids)
      throws SQLException {
    int next = first;
    for (UUID id : ids) {
      statement.setObject(next++, id);
    }
  }

  static OffsetDateTime timestamp(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  /** The same in every process: the first half of a digest of all that names the account. */
  static UUID idOf(Account account) {
    String name =
        account.budget().length()
            + ":"
            + account.budget()
            + account.scope().length()
            + ":"
            + account.scope()
            + account.unit()
            + account.start()
            + account.end()
            + account.idle();
    return digest(name);
  }

  /** The name of a hold's settlement; the same in every process. */
  static UUID settlementId(UUID account, String call) {
    return digest(account + call);
  }

  private static UUID digest(String name) {
    try {
      ByteBuffer digest =
          ByteBuffer.wrap(
              MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8)));
      return new UUID(digest.getLong(), digest.getLong());
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }
}
