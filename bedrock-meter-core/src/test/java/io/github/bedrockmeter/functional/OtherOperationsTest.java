// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.RecordingListener;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage.Source;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ApplyGuardrailRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ApplyGuardrailResponse;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailTextBlock;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamInput;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.StartAsyncInvokeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.StartAsyncInvokeResponse;

/** Operations and models that are not about text tokens, on stubs, with the SDK's own types. */
class OtherOperationsTest {
  private final RecordingListener listener = new RecordingListener();
  private final BedrockMeter meter =
      BedrockMeter.builder()
          .listener(listener)
          .prices(
              PriceBook.of(
                  Map.of(
                      "guardrails",
                      Rates.builder("test")
                          .perUnit(Meter.guardrailUnits("topicPolicy"), "0.00015")
                          .perUnit(Meter.guardrailUnits("contentPolicy"), "0.00015")
                          .perUnit(Meter.guardrailUnits("sensitiveInformationPolicy"), "0.0001")
                          .perUnit(Meter.guardrailUnits("contextualGroundingPolicy"), "0.0001")
                          .perUnit(Meter.guardrailUnits("automatedReasoningPolicy"), "0.00017")
                          .build(),
                      "amazon.nova-reel-v1:1",
                      Rates.builder("test")
                          .perUnit(new Meter("outputVideoSeconds"), "0.08")
                          .build(),
                      "amazon.nova-canvas-v1:0",
                      Rates.builder("test")
                          .perUnit(Meter.outputImages("1024", "standard"), "0.04")
                          .build(),
                      "amazon.titan-embed-text-v2:0",
                      Rates.builder("test").perMillion(Meter.INPUT, "0.02").build())))
          .budget(Budget.named("all").limit(Amount.usd("1")).window(Window.lifetime()).build())
          .build();

  /** Answers the operations of this test. */
  private static final class Stub implements BedrockRuntimeClient {
    @Override
    public ApplyGuardrailResponse applyGuardrail(ApplyGuardrailRequest request) {
      return ApplyGuardrailResponse.builder()
          .usage(u -> u.topicPolicyUnits(2).contentPolicyUnits(2).wordPolicyUnits(0))
          .build();
    }

    @Override
    public StartAsyncInvokeResponse startAsyncInvoke(StartAsyncInvokeRequest request) {
      return StartAsyncInvokeResponse.builder().invocationArn("arn:job").build();
    }

    @Override
    public InvokeModelResponse invokeModel(InvokeModelRequest request) {
      String body =
          request.modelId().contains("canvas")
              ? "{\"images\":[\"aGVsbG8=\",\"aGVsbG8=\"]}"
              : "{\"embedding\":[0.1,0.2],\"inputTextTokenCount\":5}";
      return InvokeModelResponse.builder().body(SdkBytes.fromUtf8String(body)).build();
    }

    @Override
    public String serviceName() {
      return "stub";
    }

    @Override
    public void close() {}
  }

  private final BedrockRuntimeClient client = meter.wrap(new Stub());

  private String settled() {
    return Scene.await(meter.status()).get(0).settled().toString();
  }

  @Test
  void applyGuardrailIsReservedForAllPoliciesAndChargedForThoseThatRan() {
    GuardrailTextBlock text = GuardrailTextBlock.builder().text("x".repeat(1_500)).build();

    client.applyGuardrail(
        r ->
            r.guardrailIdentifier("gr-1")
                .guardrailVersion("1")
                .source("INPUT")
                .content(GuardrailContentBlock.builder().text(text).build()));

    UsageEvent event = listener.usage();
    assertThat(event.call().operation()).isEqualTo("ApplyGuardrail");
    assertThat(event.call().estimate().count(Meter.guardrailUnits("topicPolicy"))).isEqualTo(2);
    assertThat(event.usage().count(Meter.guardrailUnits("topicPolicy"))).isEqualTo(2);
    assertThat(event.usage().count(Meter.guardrailUnits("sensitiveInformationPolicy"))).isZero();
    assertThat(event.cost().usd()).contains(new BigDecimal("0.0006"));
    assertThat(settled()).isEqualTo("$0.0006");
  }

  @Test
  void anAsynchronousVideoIsReservedAndChargedByTheSecondsItAsksFor() {
    client.startAsyncInvoke(r -> r.modelId("amazon.nova-reel-v1:1").modelInput(video(6)));

    UsageEvent event = listener.usage();
    assertThat(event.usage().count(new Meter("outputVideoSeconds"))).isEqualTo(6);
    assertThat(event.usage().source()).isEqualTo(Source.REQUEST);
    assertThat(event.cost().usd()).contains(new BigDecimal("0.48"));
    assertThat(settled()).isEqualTo("$0.48");
  }

  @Test
  void anAsynchronousVideoBeyondTheBudgetIsNotStarted() {
    assertThatThrownBy(
            () ->
                client.startAsyncInvoke(
                    r -> r.modelId("amazon.nova-reel-v1:1").modelInput(video(60))))
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("estimated at $4.80");
  }

  private static Document video(int seconds) {
    return Document.mapBuilder()
        .putString("taskType", "TEXT_VIDEO")
        .putDocument(
            "videoGenerationConfig",
            Document.mapBuilder().putNumber("durationSeconds", seconds).build())
        .build();
  }

  @Test
  void imagesAreReservedBeforeTheyAreMade() {
    client.invokeModel(
        r ->
            r.modelId("amazon.nova-canvas-v1:0")
                .body(
                    SdkBytes.fromUtf8String(
                        """
                        {"taskType":"TEXT_IMAGE","textToImageParams":{"text":"a kiwi"},
                         "imageGenerationConfig":{"numberOfImages":2,"width":1024,"height":1024}}
                        """)));

    UsageEvent event = listener.usage();
    Meter images = Meter.outputImages("1024", "standard");
    assertThat(event.call().estimate().count(images)).isEqualTo(2);
    assertThat(event.call().estimate().totalTokens()).isZero();
    assertThat(event.usage().count(images)).isEqualTo(2);
    assertThat(event.cost().usd()).contains(new BigDecimal("0.08"));
  }

  @Test
  void anEmbeddingReservesNoOutput() {
    client.invokeModel(
        r ->
            r.modelId("amazon.titan-embed-text-v2:0")
                .body(SdkBytes.fromUtf8String("{\"inputText\":\"hello\"}")));

    UsageEvent event = listener.usage();
    assertThat(event.call().estimate().outputTokens()).isZero();
    assertThat(event.call().estimatedCost().usd()).isPresent();
    assertThat(event.usage().inputTokens()).isEqualTo(5);
    assertThat(event.charge()).isEqualTo(Charge.REPORTED);
  }

  @Test
  void aSpeechSessionIsChargedItsLastTotal() {
    BedrockRuntimeAsyncClient sessions =
        new BedrockRuntimeAsyncClient() {
          @Override
          public CompletableFuture<Void> invokeModelWithBidirectionalStream(
              InvokeModelWithBidirectionalStreamRequest request,
              Publisher<InvokeModelWithBidirectionalStreamInput> input,
              InvokeModelWithBidirectionalStreamResponseHandler handler) {
            SdkPublisher<InvokeModelWithBidirectionalStreamOutput> events =
                SdkPublisher.fromIterable(
                    List.of(usageEvent(10, 1, 20, 2), usageEvent(100, 5, 200, 7)));
            CompletableFuture<Void> future = new CompletableFuture<>();
            handler.onEventStream(events.doAfterOnComplete(() -> future.complete(null)));
            return future;
          }

          @Override
          public String serviceName() {
            return "stub";
          }

          @Override
          public void close() {}
        };
    BedrockMeter counting = BedrockMeter.builder().listener(listener).build();

    Scene.await(
        counting
            .wrap(sessions)
            .invokeModelWithBidirectionalStream(
                r -> r.modelId("amazon.nova-sonic-v1:0"),
                SdkPublisher.fromIterable(List.of()),
                InvokeModelWithBidirectionalStreamResponseHandler.builder()
                    .subscriber(event -> {})
                    .build()));

    UsageEvent event = listener.usage();
    assertThat(event.call().operation()).isEqualTo("InvokeModelWithBidirectionalStream");
    assertThat(event.outcome()).isEqualTo(new CallOutcome.Completed());
    assertThat(event.usage().inputTokens()).isEqualTo(5);
    assertThat(event.usage().count(new Meter("inputSpeechTokens"))).isEqualTo(100);
    assertThat(event.usage().outputTokens()).isEqualTo(7);
    assertThat(event.usage().count(new Meter("outputSpeechTokens"))).isEqualTo(200);
  }

  private static InvokeModelWithBidirectionalStreamOutput usageEvent(
      int inputSpeech, int inputText, int outputSpeech, int outputText) {
    return InvokeModelWithBidirectionalStreamOutput.chunkBuilder()
        .bytes(
            SdkBytes.fromUtf8String(
                """
                {"event":{"usageEvent":{"totalInputTokens":%d,"totalOutputTokens":%d,
                 "totalTokens":%d,"details":{"delta":{},"total":{
                 "input":{"speechTokens":%d,"textTokens":%d},
                 "output":{"speechTokens":%d,"textTokens":%d}}}}}}"""
                    .formatted(
                        inputSpeech + inputText,
                        outputSpeech + outputText,
                        inputSpeech + inputText + outputSpeech + outputText,
                        inputSpeech,
                        inputText,
                        outputSpeech,
                        outputText)))
        .build();
  }
}
