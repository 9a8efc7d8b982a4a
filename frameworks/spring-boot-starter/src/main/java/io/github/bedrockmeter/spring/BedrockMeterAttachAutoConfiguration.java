// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.attach.Attach;
import io.github.bedrockmeter.internal.text.Log;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/**
 * Clients that are no beans, such as those of Spring AI's embedding models, where
 * bedrock-meter-attach is on the class path. Backs off to an {@link Attach.Attached} of the
 * application.
 */
@AutoConfiguration(after = BedrockMeterAutoConfiguration.class)
@ConditionalOnClass(Attach.class)
@ConditionalOnProperty(name = "bedrock.meter.enabled", matchIfMissing = true)
@ConditionalOnSingleCandidate(BedrockMeter.class)
public class BedrockMeterAttachAutoConfiguration {
  private static final Log log =
      Log.to(LoggerFactory.getLogger(BedrockMeterAttachAutoConfiguration.class));

  @Bean
  @Lazy(false)
  @ConditionalOnMissingBean
  Attach.Attached bedrockMeterAttached(BedrockMeter meter) {
    try {
      return Attach.use(meter);
    } catch (IllegalStateException refused) {
      // Another context of this JVM was first; the clients that this one has as beans are metered.
      log.warn("Clients that are no beans are not metered by this application's meter", refused);
      return () -> {};
    }
  }
}
