// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.spring.BedrockMeterProperties.LedgerSettings;
import io.github.bedrockmeter.spring.BedrockMeterProperties.LedgerType;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.ObjectProvider;

/** Chooses the ledger by the properties and by what the application has. Stateless. */
final class LedgerChoice {
  private static final Log log = Log.to(LoggerFactory.getLogger(LedgerChoice.class));
  private static final String PROPERTY = BedrockMeterProperties.PREFIX + ".ledger.type";

  private static final Map<LedgerType, String> CONNECTIONS =
      Map.of(
          LedgerType.JDBC, "javax.sql.DataSource",
          LedgerType.REDIS, "LettuceConnectionFactory",
          LedgerType.DYNAMODB, "DynamoDbAsyncClient");

  private LedgerChoice() {}

  /**
   * The application's own ledger; null if it has none.
   *
   * @throws InvalidPropertiesException if it has several and none is {@code @Primary}, or
   *     properties are set that it cannot use
   */
  static @Nullable Ledger own(ObjectProvider<Ledger> beans, LedgerSettings settings) {
    try {
      Ledger own = beans.getIfAvailable();
      if (own != null) {
        checkUsed(settings, "a Ledger bean of the application", null);
      }
      return own;
    } catch (NoUniqueBeanDefinitionException several) {
      throw InvalidPropertiesException.of(
          PROPERTY,
          "the application has several beans of type Ledger: "
              + several.getBeanNamesFound()
              + "; make one of them @Primary, or define none and have this property name one");
    }
  }

  /**
   * What opens the shared ledger that is meant; null for one in memory.
   *
   * @throws InvalidPropertiesException if the one that is asked for cannot be made, or several
   *     could be meant, or properties are set that it cannot use
   */
  static @Nullable LedgerSource shared(LedgerSettings settings, List<LedgerSource> sources) {
    LedgerSource source =
        switch (settings.type()) {
          case MEMORY -> null;
          case AUTO -> onlyOne(sources);
          case JDBC, REDIS, DYNAMODB -> chosen(settings.type(), sources);
        };
    if (source == null) {
      if (settings.leased()) {
        throw InvalidPropertiesException.of(
            BedrockMeterProperties.PREFIX + ".ledger.leased",
            "a ledger in memory has no slices to lease; " + PROPERTY + " must name a shared one");
      }
      checkUsed(settings, "a ledger in memory", null);
      return null;
    }
    checkUsed(settings, "the ledger '" + word(source.type()) + "'", source.type());
    log.info("Balances are kept in the ledger '{}'", word(source.type()));
    return source;
  }

  /** Refuses properties that the ledger has no use for; {@code type} is null for no shared one. */
  private static void checkUsed(LedgerSettings settings, String ledger, @Nullable LedgerType type) {
    if (settings.prefix() != null && type != LedgerType.JDBC && type != LedgerType.REDIS) {
      throw unused("prefix", ledger, "a prefix", "jdbc or redis");
    }
    if (settings.dataSource() != null && type != LedgerType.JDBC) {
      throw unused("data-source", ledger, "a data source", "jdbc");
    }
    if (!settings.table().equals(LedgerSettings.DEFAULT_TABLE) && type != LedgerType.DYNAMODB) {
      throw unused("table", ledger, "a table of DynamoDB", "dynamodb");
    }
  }

  private static InvalidPropertiesException unused(
      String property, String ledger, String what, String types) {
    return InvalidPropertiesException.of(
        BedrockMeterProperties.PREFIX + ".ledger." + property,
        ledger + " has no use for " + what + "; remove it, or set " + PROPERTY + " to " + types);
  }

  private static @Nullable LedgerSource onlyOne(List<LedgerSource> sources) {
    List<LedgerSource> connected = sources.stream().filter(LedgerSource::isConnected).toList();
    if (connected.size() > 1) {
      throw InvalidPropertiesException.of(
          PROPERTY,
          "several ledgers could be meant: "
              + connected.stream().map(source -> word(source.type())).toList()
              + "; name one of them, or memory");
    }
    return connected.isEmpty() ? null : connected.get(0);
  }

  private static LedgerSource chosen(LedgerType type, List<LedgerSource> sources) {
    for (LedgerSource source : sources) {
      if (source.type() == type) {
        if (!source.isConnected()) {
          throw InvalidPropertiesException.of(
              PROPERTY,
              word(type)
                  + " needs one bean of type "
                  + CONNECTIONS.get(type)
                  + ", which the application does not have");
        }
        return source;
      }
    }
    throw InvalidPropertiesException.of(
        PROPERTY,
        word(type)
            + " needs the dependency io.github.bedrockmeter:bedrock-meter-"
            + word(type)
            + " and the application's "
            + CONNECTIONS.get(type)
            + " on the class path");
  }

  private static String word(LedgerType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
