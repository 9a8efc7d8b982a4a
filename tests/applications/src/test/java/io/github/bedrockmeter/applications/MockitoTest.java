// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.applications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.AdditionalAnswers.delegatesTo;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.RETURNS_DEEP_STUBS;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.spy;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoMoreInteractions;
import static org.mockito.Mockito.when;

import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException;

/** Mocks, spies and deep stubs of both clients, metered, as in an application's own tests. */
@SuppressWarnings("NullAway") // mocks return null
class MockitoTest {
  private static final ConverseResponse RESPONSE =
      ConverseResponse.builder()
          .output(
              o ->
                  o.message(
                      m ->
                          m.role(ConversationRole.ASSISTANT)
                              .content(ContentBlock.fromText("short"))))
          .usage(u -> u.inputTokens(10).outputTokens(5).totalTokens(15))
          .build();

  private final Metered metered = new Metered(2);
  private final BedrockRuntimeClient client = mock(BedrockRuntimeClient.class);
  private final BedrockRuntimeAsyncClient async = mock(BedrockRuntimeAsyncClient.class);

  private Summaries summaries() {
    return new Summaries(metered.meter.wrap(client), metered.meter.wrap(async));
  }

  private void assertReported(long inputTokens, long outputTokens) {
    assertThat(metered.usages)
        .last()
        .satisfies(
            event -> {
              assertThat(event.charge()).isEqualTo(UsageEvent.Charge.REPORTED);
              assertThat(event.usage().inputTokens()).isEqualTo(inputTokens);
              assertThat(event.usage().outputTokens()).isEqualTo(outputTokens);
            });
  }

  @Test
  void aMockAnswersThroughTheMeter() {
    when(client.converse(any(ConverseRequest.class))).thenReturn(RESPONSE);

    assertThat(summaries().of("a long text")).isEqualTo("short");

    verify(client).converse(any(ConverseRequest.class));
    assertReported(10, 5);
  }

  @Test
  void theFormWithAConsumerIsMeteredToo() {
    when(client.converse(any(ConverseRequest.class))).thenReturn(RESPONSE);

    assertThat(summaries().inShort("a long text")).isEqualTo("short");

    assertReported(10, 5);
  }

  @Test
  void aDeniedCallDoesNotReachTheMock() {
    when(client.converse(any(ConverseRequest.class))).thenReturn(RESPONSE);
    Summaries summaries = summaries();
    summaries.of("one");
    summaries.of("two");

    assertThatThrownBy(() -> summaries.of("three")).isInstanceOf(BudgetExceededException.class);

    verify(client, times(2)).converse(any(ConverseRequest.class));
  }

  @Test
  void anExceptionOfAMockIsTheSameInstance() {
    ThrottlingException slow =
        ThrottlingException.builder().message("slow").statusCode(429).build();
    when(client.converse(any(ConverseRequest.class))).thenThrow(slow);

    assertThatThrownBy(() -> summaries().of("one")).isSameAs(slow);

    assertThat(metered.status().settled().units()).isZero();
    assertThat(metered.status().held().units()).isZero();
  }

  @Test
  void aMockWithoutAnAnswerReturnsNullAsItDoesUnmetered() {
    assertThat(metered.meter.wrap(client).converse(Summaries.request("one"))).isNull();

    assertThat(metered.usages).hasSize(1);
    assertThat(metered.status().held().units()).isZero();
  }

  @Test
  void invokeModelOfAMockIsRead() {
    when(client.invokeModel(any(InvokeModelRequest.class)))
        .thenReturn(
            InvokeModelResponse.builder()
                .body(
                    SdkBytes.fromUtf8String(
                        "{\"output\":{\"message\":{\"content\":[{\"text\":\"short\"}]}},"
                            + "\"usage\":{\"inputTokens\":7,\"outputTokens\":3}}"))
                .build());

    assertThat(summaries().raw("text")).contains("short");

    assertReported(7, 3);
  }

  @Test
  void anAsynchronousMockAnswersThroughTheMeter() throws Exception {
    when(async.converse(any(ConverseRequest.class)))
        .thenReturn(CompletableFuture.completedFuture(RESPONSE));

    assertThat(summaries().later("text").get(10, TimeUnit.SECONDS)).isEqualTo("short");

    verify(async).converse(any(ConverseRequest.class));
    assertReported(10, 5);
  }

  @Test
  void aDeniedAsynchronousCallDoesNotReachTheMock() {
    Metered none = new Metered(0);
    Summaries summaries = new Summaries(none.meter.wrap(client), none.meter.wrap(async));

    assertThat(summaries.later("text"))
        .failsWithin(10, TimeUnit.SECONDS)
        .withThrowableThat()
        .withCauseInstanceOf(BudgetExceededException.class);
    assertThat(summaries.streamed("text"))
        .failsWithin(10, TimeUnit.SECONDS)
        .withThrowableThat()
        .withCauseInstanceOf(BudgetExceededException.class);

    verify(async, never()).converse(any(ConverseRequest.class));
    verify(async, never())
        .converseStream(any(ConverseStreamRequest.class), any(ConverseStreamResponseHandler.class));
  }

  @Test
  void aStreamOfAMockEnds() throws Exception {
    when(async.converseStream(
            any(ConverseStreamRequest.class), any(ConverseStreamResponseHandler.class)))
        .thenReturn(CompletableFuture.completedFuture(null));

    assertThat(summaries().streamed("text").get(10, TimeUnit.SECONDS)).isEmpty();

    assertThat(metered.usages).hasSize(1);
    assertThat(metered.status().held().units()).isZero();
  }

  @Test
  void deepStubsAnswerThroughTheMeter() {
    BedrockRuntimeClient deep = mock(BedrockRuntimeClient.class, RETURNS_DEEP_STUBS);
    when(deep.converse(any(ConverseRequest.class)).output().message().content().get(0).text())
        .thenReturn("short");
    BedrockRuntimeAsyncClient deepAsync = mock(BedrockRuntimeAsyncClient.class, RETURNS_DEEP_STUBS);

    Summaries summaries = new Summaries(metered.meter.wrap(deep), metered.meter.wrap(deepAsync));

    assertThat(summaries.of("text")).isEqualTo("short");
    assertThat(metered.usages).hasSize(1);
    assertThat(metered.status().held().units()).isZero();
  }

  @Test
  void aSpyOfARealClientIsMetered() throws Exception {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock.onAnyModel().reply(Reply.text("short").inputTokens(11).outputTokens(6));
      BedrockRuntimeClient spy = spy(bedrock.client());
      BedrockRuntimeAsyncClient asyncSpy = spy(bedrock.asyncClient());
      Summaries summaries = new Summaries(metered.meter.wrap(spy), metered.meter.wrap(asyncSpy));

      assertThat(summaries.of("text")).isEqualTo("short");
      assertReported(11, 6);
      assertThat(summaries.later("text").get(10, TimeUnit.SECONDS)).isEqualTo("short");
      assertReported(11, 6);

      verify(spy).converse(any(ConverseRequest.class));
      verify(asyncSpy).converse(any(ConverseRequest.class));
      assertThat(bedrock.requests()).hasSize(2);
    }
  }

  @Test
  void aSpyWithAStubbedAnswerIsMetered() {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      BedrockRuntimeClient spy = spy(bedrock.client());
      doReturn(RESPONSE).when(spy).converse(any(ConverseRequest.class));

      assertThat(new Summaries(metered.meter.wrap(spy), metered.meter.wrap(async)).of("text"))
          .isEqualTo("short");

      assertReported(10, 5);
      assertThat(bedrock.requests()).isEmpty();
    }
  }

  @Test
  void aMeteredClientCanItselfBeWatchedByAMock() {
    when(client.converse(any(ConverseRequest.class))).thenReturn(RESPONSE);
    BedrockRuntimeClient watched =
        mock(BedrockRuntimeClient.class, delegatesTo(metered.meter.wrap(client)));

    assertThat(new Summaries(watched, async).of("text")).isEqualTo("short");

    verify(watched).converse(any(ConverseRequest.class));
    verifyNoMoreInteractions(watched);
    assertReported(10, 5);
  }
}
