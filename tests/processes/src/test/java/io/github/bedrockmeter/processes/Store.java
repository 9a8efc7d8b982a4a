// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.processes;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.redis.RedisLedger;
import io.lettuce.core.RedisClient;
import java.time.Duration;

/** The ledgers under test, as each process opens them. */
enum Store {
  REDIS {
    @Override
    Opened open(String url) {
      RedisClient client = RedisClient.create(url);
      Ledger ledger = RedisLedger.builder(client.connect()).abandonAfter(ABANDON_AFTER).build();
      return new Opened(ledger, client::shutdown);
    }
  },

  POSTGRESQL {
    @Override
    Opened open(String url) {
      HikariConfig config = new HikariConfig();
      config.setJdbcUrl(url);
      config.setMaximumPoolSize(8);
      config.setConnectionTimeout(1_000);
      HikariDataSource pool = new HikariDataSource(config);
      JdbcLedger ledger = JdbcLedger.builder(pool).abandonAfter(ABANDON_AFTER).build();
      return new Opened(
          ledger,
          () -> {
            ledger.close();
            pool.close();
          });
    }
  },

  LEASES_OVER_REDIS {
    @Override
    Opened open(String url) {
      Opened redis = REDIS.open(url);
      Ledger ledger = Ledger.leased(redis.ledger(), Duration.ofMillis(100));
      return new Opened(
          ledger,
          () -> {
            ledger.close();
            redis.close();
          });
    }
  };

  /** Far shorter than in production, so that a paused process looks as if it had ended. */
  static final Duration ABANDON_AFTER = Duration.ofSeconds(1);

  /** A ledger, and what closes it with its connections. */
  record Opened(Ledger ledger, Runnable closing) implements AutoCloseable {
    @Override
    public void close() {
      closing.run();
    }
  }

  abstract Opened open(String url);
}
