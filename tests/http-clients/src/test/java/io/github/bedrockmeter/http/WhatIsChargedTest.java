// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import io.github.bedrockmeter.usage.Usage;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** The table of docs/sending.md, cell by cell, on every HTTP client of the SDK. */
class WhatIsChargedTest {
  private static final String MODEL = "anthropic.claude-sonnet-4-6";
  private static final Duration PATIENCE = Duration.ofMillis(1_500);

  /** A row of the table. */
  private enum Row {
    NEVER_SENT,
    REFUSED_BY_BEDROCK,
    NOT_ANSWERED,
    ANSWERED,
    ANSWERED_THEN_FAILED
  }

  /** What a case must end with. */
  private enum Charged {
    NOTHING,
    ESTIMATE,
    REPORTED,
    REPORTED_OR_ESTIMATE
  }

  /**
   * One case of a row.
   *
   * @param reply what the server does
   * @param settings of the client
   * @param handlerFails whether the stream's handler throws when the response arrives
   */
  private record Case(
      String name,
      Reply reply,
      Consumer<AwsClientBuilder<?, ?>> settings,
      boolean handlerFails,
      Charged built,
      Charged wrapped) {
    Case(String name, Reply reply, Charged built, Charged wrapped) {
      this(name, reply, builder -> {}, false, built, wrapped);
    }
  }

  private static final Reply ANSWER = Reply.text("one two three").inputTokens(10).outputTokens(20);

  private static List<Case> cases(Row row, HttpClients http) {
    return switch (row) {
      case NEVER_SENT ->
          List.of(
              new Case(
                  "unknown host",
                  ANSWER,
                  builder -> builder.endpointOverride(URI.create("http://nowhere.invalid")),
                  false,
                  Charged.NOTHING,
                  unknownHost(http)),
              new Case(
                  "credentials that fail",
                  ANSWER,
                  builder ->
                      builder.credentialsProvider(
                          () -> {
                            throw new IllegalStateException("no credentials today");
                          }),
                  false,
                  Charged.NOTHING,
                  Charged.ESTIMATE),
              new Case(
                  "an interceptor that refuses",
                  ANSWER,
                  builder -> intercept(builder, new RefusesToSend()),
                  false,
                  Charged.NOTHING,
                  Charged.ESTIMATE));
      case REFUSED_BY_BEDROCK ->
          List.of(
              refused(400, "ValidationException"),
              refused(403, "AccessDeniedException"),
              refused(429, "ThrottlingException"),
              refused(500, "InternalServerException"));
      case NOT_ANSWERED ->
          List.of(
              new Case("silence", Reply.silence(), Charged.ESTIMATE, Charged.ESTIMATE),
              new Case("reset", Reply.reset(), Charged.ESTIMATE, Charged.ESTIMATE));
      case ANSWERED -> List.of(new Case("answer", ANSWER, Charged.REPORTED, Charged.REPORTED));
      case ANSWERED_THEN_FAILED ->
          List.of(
              http.streams()
                  ? new Case(
                      "a handler that fails",
                      ANSWER,
                      builder -> {},
                      true,
                      Charged.REPORTED_OR_ESTIMATE,
                      Charged.ESTIMATE)
                  : new Case(
                      "an interceptor that fails",
                      ANSWER,
                      builder -> intercept(builder, new FailsOnTheAnswer()),
                      false,
                      Charged.REPORTED_OR_ESTIMATE,
                      Charged.ESTIMATE));
    };
  }

  /** CRT reports every failure of a connection with an exception of its own. */
  private static Charged unknownHost(HttpClients http) {
    return http.name().startsWith("CRT") ? Charged.ESTIMATE : Charged.NOTHING;
  }

  private static Case refused(int status, String type) {
    return new Case(status + "", Reply.error(status, type, "no"), Charged.NOTHING, Charged.NOTHING);
  }

  private static void intercept(AwsClientBuilder<?, ?> builder, ExecutionInterceptor interceptor) {
    builder.overrideConfiguration(
        builder.overrideConfiguration().toBuilder().addExecutionInterceptor(interceptor).build());
  }

  private static final class RefusesToSend implements ExecutionInterceptor {
    @Override
    public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes none) {
      throw SdkClientException.create("not today");
    }
  }

  private static final class FailsOnTheAnswer implements ExecutionInterceptor {
    @Override
    public void afterUnmarshalling(Context.AfterUnmarshalling context, ExecutionAttributes none) {
      throw new IllegalArgumentException("the application's own bug");
    }
  }

  @Test
  void eachCellIsChargedAsDocumented() {
    List<String> wrong = new ArrayList<>();
    int cells = 0;
    int right = 0;
    for (HttpClients http : HttpClients.values()) {
      for (boolean built : new boolean[] {true, false}) {
        for (Row row : Row.values()) {
          cells++;
          List<String> differences = new ArrayList<>();
          for (Case one : cases(row, http)) {
            String difference = difference(http, built, one);
            if (difference != null) {
              differences.add(
                  http + (built ? " built" : " wrapped") + ", " + one.name + ": " + difference);
            }
          }
          right += differences.isEmpty() ? 1 : 0;
          wrong.addAll(differences);
        }
      }
    }

    System.out.printf("%d of %d cells charged as documented%n", right, cells);
    assertThat(wrong).isEmpty();
  }

  private static String difference(HttpClients http, boolean built, Case one) {
    RecordingListener listener = new RecordingListener();
    Exception ended = null;
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock.onAnyModel().reply(one.reply);
      BedrockMeter meter = BedrockMeter.builder().listener(listener).build();
      Consumer<AwsClientBuilder<?, ?>> settings =
          builder -> {
            builder.overrideConfiguration(
                c -> c.retryStrategy(AwsRetryStrategy.doNotRetry()).apiCallTimeout(PATIENCE));
            one.settings.accept(builder);
          };
      if (http.isSync()) {
        try (BedrockRuntimeClient client =
            http.sync(meter, built, bedrock.clientBuilder(), settings)) {
          client.converse(converse());
        } catch (RuntimeException failure) {
          ended = failure;
        }
      } else {
        BedrockRuntimeAsyncClient client =
            http.async(meter, built, bedrock.asyncClientBuilder(), settings);
        try {
          (http.streams()
                  ? client.converseStream(converseStream(), handler(one.handlerFails))
                  : client.converse(converse()))
              .get(20, TimeUnit.SECONDS);
        } catch (Exception failure) {
          ended = failure;
        }
      }
    }
    if (listener.usages().size() != 1) {
      return "events: " + listener.usages() + ", failure: " + ended;
    }
    UsageEvent event = listener.usage();
    Charged expected = built ? one.built : one.wrapped;
    return isAs(expected, event) && isSeen(built, event)
        ? null
        : "expected "
            + expected
            + ", was "
            + event.charge()
            + " "
            + event.usage()
            + " "
            + event.sent()
            + " after "
            + ended;
  }

  /** A client that was built through the meter is seen; the other's sending is inferred. */
  private static boolean isSeen(boolean built, UsageEvent event) {
    return event.sent() == (built ? Sent.SEEN : Sent.INFERRED);
  }

  private static boolean isAs(Charged expected, UsageEvent event) {
    boolean reported =
        event.charge() == Charge.REPORTED
            && event.usage().inputTokens() == 10
            && event.usage().outputTokens() == 20;
    boolean estimate =
        event.charge() == Charge.ESTIMATED && event.usage().equals(event.call().estimate());
    return switch (expected) {
      case NOTHING -> event.charge() == Charge.RELEASED && event.usage().equals(Usage.NONE);
      case ESTIMATE -> estimate;
      case REPORTED -> reported;
      case REPORTED_OR_ESTIMATE -> reported || estimate;
    };
  }

  private static ConverseRequest converse() {
    return ConverseRequest.builder()
        .modelId(MODEL)
        .messages(hello())
        .inferenceConfig(c -> c.maxTokens(100))
        .build();
  }

  private static ConverseStreamRequest converseStream() {
    return ConverseStreamRequest.builder()
        .modelId(MODEL)
        .messages(hello())
        .inferenceConfig(c -> c.maxTokens(100))
        .build();
  }

  private static Message hello() {
    return Message.builder().role("user").content(ContentBlock.fromText("Hello")).build();
  }

  private static ConverseStreamResponseHandler handler(boolean fails) {
    return ConverseStreamResponseHandler.builder()
        .onResponse(
            response -> {
              if (fails) {
                throw new IllegalArgumentException("the application's own bug");
              }
            })
        .subscriber(event -> {})
        .build();
  }
}
