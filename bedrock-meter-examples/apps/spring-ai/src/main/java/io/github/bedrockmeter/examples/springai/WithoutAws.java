// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.examples.springai;

import io.github.bedrockmeter.spring.BedrockClientCustomizer;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A Bedrock in this process; {@code --sample.aws=true} uses the real one, by the AWS settings. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "sample.aws", havingValue = "false", matchIfMissing = true)
class WithoutAws {
  @Bean
  FakeBedrock fakeBedrock() {
    FakeBedrock bedrock = FakeBedrock.start();
    bedrock
        .onAnyModel()
        .reply(
            Reply.text("This answer costs about four cents of the list price.")
                .inputTokens(2_000)
                .outputTokens(2_200));
    return bedrock;
  }

  @Bean
  BedrockClientCustomizer fakeEndpoint(FakeBedrock bedrock) {
    return builder -> builder.endpointOverride(bedrock.endpoint());
  }
}
