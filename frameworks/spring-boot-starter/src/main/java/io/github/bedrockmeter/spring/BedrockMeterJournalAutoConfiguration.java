// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.spring.BedrockMeterProperties.Journal;
import javax.sql.DataSource;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/** The usage journal in the application's database, where it is asked for. */
@AutoConfiguration(before = BedrockMeterAutoConfiguration.class)
@ConditionalOnClass({UsageJournal.class, DataSource.class})
@ConditionalOnProperty(name = "bedrock.meter.enabled", matchIfMissing = true)
@ConditionalOnProperty("bedrock.meter.journal.enabled")
public class BedrockMeterJournalAutoConfiguration {

  @Bean
  @ConditionalOnMissingBean
  UsageJournal bedrockMeterJournal(
      BedrockMeterProperties properties,
      BeanFactory beans,
      ObjectProvider<DataSource> dataSources) {
    Journal settings = properties.journal();
    String property = BedrockMeterProperties.PREFIX + ".journal.data-source";
    UsageJournal.Builder builder =
        UsageJournal.builder(
            DataSources.named(settings.dataSource(), property, beans, dataSources),
            settings.directory());
    String prefix = settings.tablePrefix();
    if (prefix != null) {
      InvalidPropertiesException.checked(
          BedrockMeterProperties.PREFIX + ".journal.table-prefix",
          () -> builder.tablePrefix(prefix));
    }
    return builder.tagColumns(settings.tagColumns().toArray(String[]::new)).build();
  }
}
