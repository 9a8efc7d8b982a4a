// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.call.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.model.ApplyGuardrailRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;

class TagSourcesTest {
  private static final TagSources SOURCES =
      new TagSources(Set.of("tenant", "user"), false, Tags::none, Tags.of("env", "prod"));

  @Test
  void aNullValueOrKeyLeavesOutThatPairAlone() {
    Map<String, String> metadata = new HashMap<>();
    metadata.put("tenant", "acme");
    metadata.put("user", null);
    metadata.put(null, "x");

    ConverseRequest request = ConverseRequest.builder().requestMetadata(metadata).build();

    assertThat(SOURCES.of(request, List.of())).isEqualTo(Tags.of("tenant", "acme", "env", "prod"));
  }

  @Test
  void metadataThatCannotBeReadLeavesTheOtherSources() {
    InvokeModelRequest request =
        InvokeModelRequest.builder()
            .overrideConfiguration(c -> c.putHeader(MetadataHeader.NAME, "[1"))
            .build();

    assertThat(SOURCES.of(request, List.of("team"))).isEqualTo(Tags.of("env", "prod"));
  }

  @Test
  void anOperationWithoutMetadataHasTheOtherSources() {
    assertThat(SOURCES.of(ApplyGuardrailRequest.builder().build(), List.of()))
        .isEqualTo(Tags.of("env", "prod"));
  }
}
