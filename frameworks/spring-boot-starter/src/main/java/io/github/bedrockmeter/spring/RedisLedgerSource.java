// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.redis.RedisLedger;
import io.github.bedrockmeter.spring.BedrockMeterProperties.LedgerSettings;
import io.github.bedrockmeter.spring.BedrockMeterProperties.LedgerType;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * A ledger in the application's Redis: the application's own client, with its address, password,
 * TLS and threads, and one connection more. Thread-safe.
 */
final class RedisLedgerSource implements LedgerSource {
  private final ObjectProvider<LettuceConnectionFactory> factories;
  private @Nullable StatefulConnection<String, String> opened;

  RedisLedgerSource(ObjectProvider<LettuceConnectionFactory> factories) {
    this.factories = factories;
  }

  @Override
  public LedgerType type() {
    return LedgerType.REDIS;
  }

  @Override
  public boolean isConnected() {
    return factories.getIfUnique() != null;
  }

  @Override
  public synchronized Ledger open(LedgerSettings settings) {
    AbstractRedisClient client = factories.getObject().getRequiredNativeClient();
    RedisLedger.Builder builder;
    if (client instanceof RedisClusterClient cluster) {
      StatefulRedisClusterConnection<String, String> connection = cluster.connect();
      opened = connection;
      builder = RedisLedger.builder(connection);
    } else if (client instanceof RedisClient single) {
      StatefulRedisConnection<String, String> connection = single.connect();
      opened = connection;
      builder = RedisLedger.builder(connection);
    } else {
      throw new IllegalStateException("a client of Redis that is not known: " + client.getClass());
    }
    if (settings.prefix() != null) {
      builder.prefix(settings.prefix());
    }
    return builder.build();
  }

  @Override
  public boolean endsWithLifecycle() {
    return true;
  }

  @Override
  public synchronized void close() {
    if (opened != null && opened.isOpen()) { // the client, which ends with the lifecycle, closes it
      opened.close();
    }
    opened = null;
  }
}
