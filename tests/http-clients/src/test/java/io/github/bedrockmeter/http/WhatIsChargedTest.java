// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.event.UsageEvent.Charge;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import io.github.bedrockmeter.usage.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.Security;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
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
  private static final String UNKNOWN_HOST = "nowhere.invalid";
  private static final String BLOCKER = "anthropic.claude-opus-4-6";
  private static final Duration LONG = Duration.ofSeconds(50);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

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
    REPORTED_OR_ESTIMATE,
    /** The estimate where the caller saw the failure; of a stream the SDK may read on. */
    AS_IT_ENDED
  }

  /**
   * One case of a row.
   *
   * @param reply what the server does
   * @param settings of the client
   * @param trouble what else happens
   */
  private record Case(
      String name,
      Reply reply,
      Consumer<AwsClientBuilder<?, ?>> settings,
      Trouble trouble,
      Charged built,
      Charged wrapped) {
    Case(String name, Reply reply, Charged built, Charged wrapped) {
      this(name, reply, builder -> {}, Trouble.NONE, built, wrapped);
    }

    /** How long the call may take: long only where it ends by itself. */
    Duration patience() {
      return reply == ANSWER && (trouble == Trouble.NONE || trouble == Trouble.HANDLER_FAILS)
          ? LONG
          : PATIENCE;
    }
  }

  private enum Trouble {
    NONE,
    /** The stream's handler throws when the response arrives. */
    HANDLER_FAILS,
    CLIENT_CLOSED,
    /** The only connection is taken by a call that is not answered. */
    NO_CONNECTION_LEFT
  }

  private static final Reply ANSWER = Reply.text("one two three").inputTokens(10).outputTokens(20);

  private static List<Case> cases(Row row, HttpClients http) {
    return switch (row) {
      case NEVER_SENT -> neverSent(http);
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
      case ANSWERED_THEN_FAILED -> answeredThenFailed(http);
    };
  }

  private static List<Case> neverSent(HttpClients http) {
    // CRT reports every failure of a connection with an exception of its own.
    Charged noConnection = http.isCrt() ? Charged.ESTIMATE : Charged.NOTHING;
    List<Case> cases = new ArrayList<>();
    cases.add(
        never(
            "refused connection",
            builder -> builder.endpointOverride(refusing()),
            Trouble.NONE,
            noConnection));
    cases.add(
        never(
            "unknown host",
            builder -> builder.endpointOverride(URI.create("http://" + UNKNOWN_HOST)),
            Trouble.NONE,
            noConnection));
    cases.add(
        never(
            "credentials that fail",
            builder -> builder.credentialsProvider(WhatIsChargedTest::noCredentials),
            Trouble.NONE,
            Charged.ESTIMATE));
    cases.add(
        never(
            "an interceptor that refuses",
            builder -> intercept(builder, new RefusesToSend()),
            Trouble.NONE,
            Charged.ESTIMATE));
    cases.add(never("a closed client", builder -> {}, Trouble.CLIENT_CLOSED, Charged.ESTIMATE));
    if (http.hasPool()) {
      cases.add(
          never("no connection left", builder -> {}, Trouble.NO_CONNECTION_LEFT, Charged.ESTIMATE));
    }
    return cases;
  }

  private static List<Case> answeredThenFailed(HttpClients http) {
    Case interceptor =
        new Case(
            "an interceptor that fails",
            ANSWER,
            builder -> intercept(builder, new FailsOnTheAnswer()),
            Trouble.NONE,
            Charged.REPORTED_OR_ESTIMATE,
            http.streams() ? Charged.AS_IT_ENDED : Charged.ESTIMATE);
    // The SDK may read the stream to its end nevertheless, and not report the failure at all.
    Case handler =
        new Case(
            "a handler that fails",
            ANSWER,
            builder -> {},
            Trouble.HANDLER_FAILS,
            Charged.REPORTED_OR_ESTIMATE,
            Charged.REPORTED_OR_ESTIMATE);
    return http.streams() ? List.of(interceptor, handler) : List.of(interceptor);
  }

  private static Case never(
      String name, Consumer<AwsClientBuilder<?, ?>> settings, Trouble trouble, Charged wrapped) {
    return new Case(name, ANSWER, settings, trouble, Charged.NOTHING, wrapped);
  }

  private static AwsCredentials noCredentials() {
    throw new IllegalStateException("no credentials today");
  }

  /** An address where no server listens. */
  private static URI refusing() {
    try (ServerSocket free = new ServerSocket(0)) {
      return URI.create("http://localhost:" + free.getLocalPort());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
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

  /** An unknown host is looked up once: it can take as long as the machine's resolver likes. */
  @BeforeAll
  static void rememberTheUnknownHost() {
    Security.setProperty("networkaddress.cache.negative.ttl", "-1");
    assertThatThrownBy(() -> InetAddress.getAllByName(UNKNOWN_HOST))
        .isInstanceOf(UnknownHostException.class);
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
    HttpClients.areImpatient(one.trouble == Trouble.NO_CONNECTION_LEFT);
    RecordingListener listener = new RecordingListener();
    Exception ended;
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock.onAnyModel().reply(one.reply);
      bedrock.on(BLOCKER).reply(Reply.silence());
      BedrockMeter meter = BedrockMeter.builder().listener(listener).build();
      Consumer<AwsClientBuilder<?, ?>> settings =
          builder -> {
            builder.overrideConfiguration(
                c -> c.retryStrategy(AwsRetryStrategy.doNotRetry()).apiCallTimeout(one.patience()));
            one.settings.accept(builder);
          };
      ended =
          http.isSync()
              ? sync(http.sync(meter, built, bedrock.clientBuilder(), settings), bedrock, one)
              : async(
                  http.async(meter, built, bedrock.asyncClientBuilder(), settings),
                  bedrock,
                  one,
                  http.streams());
    }
    List<UsageEvent> events =
        listener.usages().stream().filter(event -> event.call().modelId().equals(MODEL)).toList();
    if (events.size() != 1) {
      return "events: " + events + " after " + ended;
    }
    UsageEvent event = events.get(0);
    Charged expected = built ? one.built : one.wrapped;
    if (expected == Charged.AS_IT_ENDED) {
      expected = ended == null ? Charged.REPORTED : Charged.ESTIMATE;
    }
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
      case REPORTED_OR_ESTIMATE, AS_IT_ENDED -> reported || estimate;
    };
  }

  /** What the caller sees; null if that is an answer. */
  private static Exception sync(BedrockRuntimeClient client, FakeBedrock bedrock, Case one) {
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (client) {
      switch (one.trouble) {
        case CLIENT_CLOSED -> client.close();
        case NO_CONNECTION_LEFT -> {
          other.execute(() -> client.converse(blocker()));
          awaitBlocker(bedrock);
        }
        default -> {}
      }
      client.converse(converse(MODEL));
      return null;
    } catch (RuntimeException failure) {
      return failure;
    } finally {
      other.shutdown();
    }
  }

  private static Exception async(
      BedrockRuntimeAsyncClient client, FakeBedrock bedrock, Case one, boolean streams) {
    try (client) {
      switch (one.trouble) {
        case CLIENT_CLOSED -> client.close();
        case NO_CONNECTION_LEFT -> {
          client.converse(blocker());
          awaitBlocker(bedrock);
        }
        default -> {}
      }
      (streams
              ? client.converseStream(
                  converseStream(), handler(one.trouble == Trouble.HANDLER_FAILS))
              : client.converse(converse(MODEL)))
          .get(60, TimeUnit.SECONDS);
      return null;
    } catch (Exception failure) {
      return failure;
    }
  }

  private static void awaitBlocker(FakeBedrock bedrock) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                bedrock.requests().stream().anyMatch(request -> request.modelId().equals(BLOCKER)));
  }

  private static ConverseRequest converse(String model) {
    return ConverseRequest.builder()
        .modelId(model)
        .messages(hello())
        .inferenceConfig(c -> c.maxTokens(100))
        .build();
  }

  /** Holds its connection for longer than any case takes. */
  private static ConverseRequest blocker() {
    return converse(BLOCKER).toBuilder()
        .overrideConfiguration(c -> c.apiCallTimeout(Duration.ofMinutes(3)))
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
