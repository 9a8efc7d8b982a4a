// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.ObjectProvider;

/** Finds the data source of the application that a property means. Stateless. */
final class DataSources {
  private DataSources() {}

  static DataSource named(
      @Nullable String name,
      String property,
      BeanFactory beans,
      ObjectProvider<DataSource> dataSources) {
    if (name == null) {
      DataSource only = dataSources.getIfUnique();
      if (only == null) {
        throw InvalidPropertiesException.of(
            property, "the application must have one DataSource, or this names the bean to use");
      }
      return only;
    }
    try {
      return beans.getBean(name, DataSource.class);
    } catch (NoSuchBeanDefinitionException missing) {
      throw InvalidPropertiesException.of(
          property, "there is no DataSource bean of the name '" + name + "'");
    }
  }
}
