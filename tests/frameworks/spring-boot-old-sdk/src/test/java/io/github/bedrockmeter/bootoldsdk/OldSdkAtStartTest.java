// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.bootoldsdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import software.amazon.awssdk.core.util.VersionInfo;

/** An application that imports no BOM of the SDK, and so has the one that Spring AI asks for. */
@ExtendWith(OutputCaptureExtension.class)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class OldSdkAtStartTest {

  @Test
  void theApplicationFailsAtStartWithTheSentenceThatSaysWhatToImport(CapturedOutput output) {
    Throwable failure =
        catchThrowable(
            () ->
                new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.NONE)
                    .properties(
                        "spring.ai.bedrock.aws.region=us-east-1",
                        "spring.ai.bedrock.aws.access-key=fake",
                        "spring.ai.bedrock.aws.secret-key=bedrock")
                    .run()
                    .close());

    assertThat(failure).isNotNull();
    assertThat(output.getAll())
        .contains("APPLICATION FAILED TO START")
        .contains("AWS SDK for Java " + VersionInfo.SDK_VERSION)
        .contains("bedrock-meter needs 2.41.34 or newer.")
        .contains("Import the SDK's BOM above all other BOMs");
  }

  /** Spring AI's chat, and nothing else. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}
}
