// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.attach;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import java.net.URI;
import java.util.List;
import java.util.function.Function;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** One call of an application: takes an endpoint and its name, returns what its meter saw. */
public final class CopyJob implements Function<List<String>, List<String>> {
  @Override
  public List<String> apply(List<String> endpointAndName) {
    RecordingListener listener = new RecordingListener();
    BedrockMeter meter =
        BedrockMeter.builder()
            .listener(listener)
            .tags(Tags.of("application", endpointAndName.get(1)))
            .build();
    try (Attach.Attached attached = Attach.use(meter);
        BedrockRuntimeClient client =
            BedrockRuntimeClient.builder()
                .region(Region.US_EAST_1)
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("fake", "fake")))
                .endpointOverride(URI.create(endpointAndName.get(0)))
                .build()) {
      Applications.call(client);
      if (attached == null) {
        throw new IllegalStateException("nothing is attached");
      }
    }
    return listener.usages().stream()
        .map(
            event ->
                event.call().tags()
                    + " "
                    + event.usage().inputTokens()
                    + " "
                    + event.usage().outputTokens())
        .toList();
  }
}
