// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.dynamodb.DynamoDbLedger;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.redis.RedisLedger;
import io.github.bedrockmeter.spring.BedrockMeterProperties.LedgerSettings;
import io.github.bedrockmeter.spring.BedrockMeterProperties.LedgerType;
import javax.sql.DataSource;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/** The shared ledgers, each where its module and its client are on the class path. */
final class SharedLedgers {
  private SharedLedgers() {}

  /** Over the application's data source. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({JdbcLedger.class, DataSource.class})
  static class Jdbc {
    @Bean
    LedgerSource bedrockMeterJdbcLedgerSource(
        BeanFactory beans, ObjectProvider<DataSource> dataSources) {
      return new LedgerSource() {
        @Override
        public LedgerType type() {
          return LedgerType.JDBC;
        }

        @Override
        public boolean isConnected() {
          return dataSources.stream().findAny().isPresent();
        }

        @Override
        public Ledger open(LedgerSettings settings) {
          JdbcLedger.Builder builder =
              JdbcLedger.builder(
                  DataSources.named(
                      settings.dataSource(),
                      BedrockMeterProperties.PREFIX + ".ledger.data-source",
                      beans,
                      dataSources));
          if (settings.prefix() != null) {
            builder.tablePrefix(settings.prefix());
          }
          return builder.build();
        }
      };
    }
  }

  /** Over a connection of the application's Redis client. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({RedisLedger.class, LettuceConnectionFactory.class})
  static class Redis {
    @Bean
    RedisLedgerSource bedrockMeterRedisLedgerSource(
        ObjectProvider<LettuceConnectionFactory> factories) {
      return new RedisLedgerSource(factories);
    }
  }

  /** Over the application's DynamoDB client. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({DynamoDbLedger.class, DynamoDbAsyncClient.class})
  static class DynamoDb {
    @Bean
    LedgerSource bedrockMeterDynamoDbLedgerSource(ObjectProvider<DynamoDbAsyncClient> clients) {
      return new LedgerSource() {
        @Override
        public LedgerType type() {
          return LedgerType.DYNAMODB;
        }

        @Override
        public boolean isConnected() {
          return clients.getIfUnique() != null;
        }

        @Override
        public Ledger open(LedgerSettings settings) {
          return DynamoDbLedger.over(clients.getObject(), settings.table());
        }
      };
    }
  }
}
