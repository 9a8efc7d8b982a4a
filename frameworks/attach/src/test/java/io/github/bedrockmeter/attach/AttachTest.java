// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ApplyGuardrailRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.GuardrailContentSource;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.sts.StsClient;

/** Clients as other code builds them, with nothing but this jar on the class path. */
class AttachTest {
  private static final String MODEL = "anthropic.claude-sonnet-4-6";

  private final FakeBedrock bedrock = FakeBedrock.start();
  private final RecordingListener listener = new RecordingListener();
  private BedrockMeter meter = meter(Long.MAX_VALUE);
  private Attach.Attached attached = Attach.use(meter);

  AttachTest() {
    bedrock.onAnyModel().reply(Reply.text("one two").chunks(2).inputTokens(11).outputTokens(23));
  }

  @AfterEach
  void close() {
    attached.close();
    bedrock.close();
  }

  private BedrockMeter meter(long calls) {
    return BedrockMeter.builder()
        .budget(
            Budget.named("calls").limit(Amount.requests(calls)).window(Window.lifetime()).build())
        .listener(listener)
        .build();
  }

  private void allow(long calls) {
    attached.close();
    meter = meter(calls);
    attached = Attach.use(meter);
  }

  private static ConverseRequest converse() {
    return ConverseRequest.builder().modelId(MODEL).messages(hello()).build();
  }

  private static Message hello() {
    return Message.builder()
        .role(ConversationRole.USER)
        .content(ContentBlock.fromText("Hi"))
        .build();
  }

  private static SdkBytes body() {
    return SdkBytes.fromUtf8String(
        "{\"anthropic_version\":\"bedrock-2023-05-31\",\"max_tokens\":100,"
            + "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
  }

  private static InvokeModelRequest invoke() {
    return InvokeModelRequest.builder().modelId(MODEL).body(body()).build();
  }

  private BedrockRuntimeClient urlConnection() {
    return bedrock.clientBuilder().httpClientBuilder(UrlConnectionHttpClient.builder()).build();
  }

  private static ConverseStreamResponseHandler converseHandler() {
    return ConverseStreamResponseHandler.builder().subscriber(event -> {}).build();
  }

  private static ConverseStreamRequest converseStream() {
    return ConverseStreamRequest.builder().modelId(MODEL).messages(hello()).build();
  }

  @TestFactory
  Stream<DynamicTest> everyClientThatIsBuiltIsMetered() {
    BedrockRuntimeClient sync = bedrock.client();
    BedrockRuntimeClient url = urlConnection();
    BedrockRuntimeAsyncClient async = bedrock.asyncClient();
    return Stream.of(
        metered("Converse", "Apache 5", () -> sync.converse(converse())),
        metered("Converse", "URL connection", () -> url.converse(converse())),
        metered("Converse", "Netty", () -> async.converse(converse()).join()),
        metered("InvokeModel", "Apache 5", () -> sync.invokeModel(invoke())),
        metered("InvokeModel", "URL connection", () -> url.invokeModel(invoke())),
        metered("InvokeModel", "Netty", () -> async.invokeModel(invoke()).join()),
        metered(
            "ConverseStream",
            "Netty",
            () -> async.converseStream(converseStream(), converseHandler()).join()),
        metered(
            "InvokeModelWithResponseStream",
            "Netty",
            () ->
                async
                    .invokeModelWithResponseStream(
                        InvokeModelWithResponseStreamRequest.builder()
                            .modelId(MODEL)
                            .body(body())
                            .build(),
                        InvokeModelWithResponseStreamResponseHandler.builder()
                            .subscriber(event -> {})
                            .build())
                    .join()));
  }

  private DynamicTest metered(String operation, String http, Runnable call) {
    return DynamicTest.dynamicTest(
        operation + " over " + http,
        () -> {
          int before = listener.usages().size();
          call.run();
          assertThat(listener.usages()).hasSize(before + 1);
          UsageEvent event = listener.usages().get(before);
          assertThat(event.call().operation()).isEqualTo(operation);
          assertThat(event.charge()).isEqualTo(Charge.REPORTED);
          assertThat(event.usage().inputTokens()).isEqualTo(11);
          assertThat(event.usage().outputTokens()).isEqualTo(23);
        });
  }

  /** Its answer is no model's, so FakeBedrock fails it: what counts is that it is admitted. */
  @Test
  void countsThatOnlyTheHeadersHaveAreRead() {
    bedrock
        .on("cohere.embed-english-v3")
        .reply(
            Reply.recorded(
                200,
                Map.of("X-Amzn-Bedrock-Input-Token-Count", "7"),
                "{\"embeddings\":[[0.25]]}".getBytes(StandardCharsets.UTF_8)));
    try (BedrockRuntimeClient client = bedrock.clientBuilder().build();
        BedrockRuntimeAsyncClient async = bedrock.asyncClientBuilder().build()) {
      InvokeModelRequest request =
          InvokeModelRequest.builder()
              .modelId("cohere.embed-english-v3")
              .body(SdkBytes.fromUtf8String("{\"texts\":[\"Hello\"]}"))
              .build();

      client.invokeModel(request);
      async.invokeModel(request).join();

      assertThat(listener.usages())
          .hasSize(2)
          .allSatisfy(event -> assertThat(event.usage().inputTokens()).isEqualTo(7))
          .allSatisfy(event -> assertThat(event.charge()).isEqualTo(Charge.REPORTED));
    }
  }

  @Test
  void anOperationWithoutAModelIsAdmittedToo() {
    allow(0);

    assertThatThrownBy(
            () ->
                bedrock
                    .client()
                    .applyGuardrail(
                        ApplyGuardrailRequest.builder()
                            .guardrailIdentifier("g1")
                            .guardrailVersion("1")
                            .source(GuardrailContentSource.INPUT)
                            .content(GuardrailContentBlock.fromText(text -> text.text("Hi")))
                            .build()))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(bedrock.requests()).isEmpty();
  }

  @Test
  void aDenialIsThrownOnceAndNothingIsSent() {
    allow(0);

    assertThatThrownBy(() -> bedrock.client().converse(converse()))
        .isInstanceOf(BudgetExceededException.class);
    assertThatThrownBy(() -> bedrock.asyncClient().converse(converse()).join())
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(BudgetExceededException.class);
    assertThatThrownBy(
            () -> bedrock.asyncClient().converseStream(converseStream(), converseHandler()).join())
        .hasCauseInstanceOf(BudgetExceededException.class);

    assertThat(listener.denials()).hasSize(3);
    assertThat(bedrock.requests()).isEmpty();
  }

  @Test
  void aClientThatWasBuiltBeforeTheMeterWasThereIsMetered() {
    attached.close();
    BedrockRuntimeClient client = bedrock.client();
    client.converse(converse());
    assertThat(listener.usages()).isEmpty();

    attached = Attach.use(meter);
    client.converse(converse());

    assertThat(listener.usages()).hasSize(1);
  }

  @Test
  void aWrappedOrBuiltClientIsNotMeteredTwice() {
    meter.wrap(bedrock.client()).converse(converse());
    meter.wrap(bedrock.clientBuilder()).converse(converse());
    meter.wrap(bedrock.asyncClient()).converse(converse()).join();
    meter.wrap(bedrock.asyncClientBuilder()).converse(converse()).join();
    meter.wrap(bedrock.asyncClient()).converseStream(converseStream(), converseHandler()).join();

    assertThat(listener.usages()).hasSize(5);
    assertThat(listener.reserved()).hasSize(5);
  }

  @Test
  void clientsOfOtherServicesAreNotTouched() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] answer =
              ("<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                      + "<GetCallerIdentityResult><Account>123</Account></GetCallerIdentityResult>"
                      + "</GetCallerIdentityResponse>")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/xml");
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    allow(0);
    try (StsClient sts =
        StsClient.builder()
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("fake", "fake")))
            .endpointOverride(URI.create("http://127.0.0.1:" + server.getAddress().getPort()))
            .build()) {
      assertThat(sts.getCallerIdentity().account()).isEqualTo("123");
      assertThat(sts.serviceClientConfiguration().overrideConfiguration().executionInterceptors())
          .noneMatch(BedrockMeteringInterceptor.class::isInstance);
    } finally {
      server.stop(0);
    }

    assertThat(listener.sequence()).isEmpty();
  }

  @Test
  void aSecondMeterIsRefusedUntilTheFirstIsTakenBack() {
    assertThatThrownBy(() -> Attach.use(meter))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("another meter is attached");

    attached.close();
    attached = Attach.use(meter);
  }
}
