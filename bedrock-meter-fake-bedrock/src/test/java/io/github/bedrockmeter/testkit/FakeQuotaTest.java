// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import static io.github.bedrockmeter.testkit.Calls.NOVA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ServiceUnavailableException;
import software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException;

class FakeQuotaTest {
  private final AtomicLong nanos = new AtomicLong();
  private final FakeBedrock bedrock = FakeBedrock.start();
  private final BedrockRuntimeClient client =
      bedrock
          .clientBuilder()
          .overrideConfiguration(c -> c.retryStrategy(AwsRetryStrategy.doNotRetry()))
          .build();

  @AfterEach
  void close() {
    client.close();
    bedrock.close();
  }

  private FakeQuota limit(long tokens, long requests, long burndown) {
    FakeQuota quota = new FakeQuota(tokens, requests, burndown, nanos::get);
    bedrock.limit(NOVA, quota);
    return quota;
  }

  private void ask(int maxTokens) {
    client.converse(
        r ->
            r.modelId(NOVA)
                .messages(Calls.user("Hi"))
                .inferenceConfig(inference -> inference.maxTokens(maxTokens)));
  }

  private void assertThrottled(int maxTokens) {
    ThrottlingException throttled =
        catchThrowableOfType(ThrottlingException.class, () -> ask(maxTokens));
    assertThat(throttled.statusCode()).isEqualTo(429);
    assertThat(throttled.awsErrorDetails().errorCode()).isEqualTo("ThrottlingException");
  }

  @Test
  void callIsThrottledByWhatItMayProduceAndChargedForWhatItDid() {
    FakeQuota quota = limit(1_000, Long.MAX_VALUE, 5);
    bedrock.on(NOVA).reply(Reply.text("Hi").inputTokens(10).outputTokens(20).cacheReadTokens(900));

    assertThrottled(1_000);
    ask(900);
    ask(800);
    assertThrottled(900);

    assertThat(quota.tokensUsed()).isEqualTo(2 * (10 + 20 * 5));
    assertThat(quota.throttled()).isEqualTo(2);
    assertThat(bedrock.requests()).hasSize(4);
  }

  @Test
  void outputThatBurnsDownOverTheQuotaThrottlesUntilTheMinuteHasPassed() {
    limit(1_000, Long.MAX_VALUE, 5);
    bedrock.on(NOVA).reply(Reply.text("Hi").outputTokens(300));

    ask(300);
    assertThrottled(1);
    nanos.addAndGet(Duration.ofSeconds(59).toNanos());
    assertThrottled(1);
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    ask(1);
  }

  @Test
  void requestsAreCountedAlsoThoseThatFail() {
    limit(Long.MAX_VALUE, 2, 1);
    bedrock.on(NOVA).replies(Reply.unavailable(), Reply.text("Hi"));

    assertThatThrownBy(() -> ask(1)).isInstanceOf(ServiceUnavailableException.class);
    ask(1);
    assertThrottled(1);
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    ask(1);
  }

  @Test
  void callWithoutALimitTakesTheModelsMaximum() {
    limit(8_192, Long.MAX_VALUE, 1);
    bedrock.on(NOVA).reply(Reply.text("Hi"));

    assertThatThrownBy(() -> client.converse(Calls.converse(NOVA)))
        .isInstanceOf(ThrottlingException.class);
    ask(100);
    SdkBytes body = SdkBytes.fromUtf8String("{\"prompt\":\"Hi\",\"max_gen_len\":8000}");
    client.invokeModel(r -> r.modelId(NOVA).body(body));
  }

  @Test
  void modelsWithoutAQuotaAreNeverThrottled() {
    limit(1, 1, 1);
    bedrock.onAnyModel().reply(Reply.text("Hi"));

    for (int i = 0; i < 10; i++) {
      client.converse(Calls.converse(Calls.CLAUDE));
    }
    assertThrottled(1);
  }
}
