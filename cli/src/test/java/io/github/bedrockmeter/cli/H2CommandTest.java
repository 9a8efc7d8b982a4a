// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import io.github.bedrockmeter.ledger.Ledger;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;

class H2CommandTest extends CommandContract {
  private final String url = "jdbc:h2:mem:" + UUID.randomUUID();
  private final HikariDataSource pool = pool(url);
  private final JdbcLedger ledger = JdbcLedger.over(pool);

  private static HikariDataSource pool(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername("sa");
    config.setPassword("");
    config.setMaximumPoolSize(2);
    return new HikariDataSource(config);
  }

  @Override
  Ledger newLedger() {
    return ledger;
  }

  @AfterEach
  void close() {
    ledger.close();
    pool.close();
  }

  @Override
  List<String> options() {
    return List.of("--ledger", url);
  }
}
