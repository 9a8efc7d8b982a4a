// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.alerts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.testkit.FakeTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What happens when a channel fails: bounded tries, and no secret in any line. */
class FailingChannelsTest {
  private final FakeTime time = FakeTime.at("2026-11-30T10:00:00Z");
  private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
  private final PrintStream err = System.err;

  @BeforeEach
  void keepWhatIsLogged() {
    System.setErr(new PrintStream(logged, true, UTF_8));
  }

  @AfterEach
  void restore() {
    System.setErr(err);
  }

  private String log() {
    return logged.toString(UTF_8);
  }

  private Alerts alerts(AlertChannel channel) {
    return Alerts.builder()
        .channel(channel, Route.from(Alert.Severity.INFO))
        .clock(time)
        .nanoClock(time)
        .withoutThread()
        .build();
  }

  private static void raise(Alerts alerts) {
    alerts.onBudgetChanged(new BudgetChange.Frozen("daily", "team=acme", "runaway job"));
  }

  /** Works through an hour, a second at a time. Returns when something was posted, in seconds. */
  private List<Integer> anHour(Alerts alerts, Receiver receiver) throws Exception {
    List<Integer> seconds = new ArrayList<>();
    int posted = receiver.posted().size();
    for (int second = 0; second < 3_600; second++) {
      alerts.work();
      for (; posted < receiver.posted().size(); posted++) {
        seconds.add(second);
      }
      time.advance(Duration.ofSeconds(1));
    }
    return seconds;
  }

  @ParameterizedTest
  @MethodSource("urls")
  void tryingAgainIsBoundedAndPrintsNoSecret(Function<String, AlertChannel> channelOf)
      throws Exception {
    for (int status : new int[] {500, 503, 429, 400, 403, 404, 410, 302}) {
      try (Receiver receiver = new Receiver()) {
        receiver.always(status, Receiver.SECRET);
        AlertChannel channel = channelOf.apply(receiver.url());
        Alerts alerts = alerts(channel);
        raise(alerts);

        List<Integer> tries = anHour(alerts, receiver);

        boolean mayRetry = status >= 500 || status == 429;
        assertThat(tries)
            .as("tries after an answer of %s", status)
            .isEqualTo(mayRetry ? List.of(0, 1, 6, 26, 86) : List.of(0));
        assertThat(alerts.status().notSent()).isEqualTo(1);
        assertThat(alerts.status().waiting()).isZero();
        alerts.close();
        checkNoSecret(channel, alerts, "answered " + status);
      }
    }
  }

  static Stream<Function<String, AlertChannel>> urls() {
    return Stream.of(
        AlertChannel::slack, AlertChannel::teams, url -> AlertChannel.webhook(url, Scene.KEY));
  }

  private void checkNoSecret(AlertChannel channel, Alerts alerts, String expected) {
    String all = log() + channel + channel.name() + alerts + alerts.status();
    assertThat(all).contains(expected);
    assertThat(all).doesNotContain("SECRET", Scene.KEY, "127.0.0.1");
  }

  @Test
  void theReceiversWishToWaitIsHonoured() throws Exception {
    try (Receiver receiver = new Receiver()) {
      String inAHundredSeconds =
          DateTimeFormatter.RFC_1123_DATE_TIME.format(
              Instant.now().plusSeconds(100).atOffset(ZoneOffset.UTC));
      receiver.answer(429, Map.of("Retry-After", "17"), "");
      receiver.answer(503, Map.of("Retry-After", "86400"), "");
      receiver.answer(429, Map.of("Retry-After", inAHundredSeconds), "");
      Alerts alerts = alerts(AlertChannel.slack(receiver.url()));
      raise(alerts);

      List<Integer> tries = anHour(alerts, receiver);
      assertThat(tries).startsWith(0, 17, 617).hasSize(4);
      assertThat(tries.get(3))
          .as("17 s, then ten minutes instead of a day, then until a date")
          .isBetween(617 + 60, 617 + 101);
      assertThat(alerts.status()).isEqualTo(new Alerts.Status(0, 1, 0));
      assertThat(log()).contains("Alerts are sent again to Slack webhook 1");
    }
  }

  @Test
  void aDateInThePastOrNonsenseIsNoWait() throws Exception {
    try (Receiver receiver = new Receiver()) {
      receiver.answer(503, Map.of("Retry-After", "Mon, 30 Nov 1970 10:01:40 GMT"), "");
      receiver.answer(503, Map.of("Retry-After", "soon"), "");
      receiver.answer(503, Map.of("Retry-After", "-3"), "");
      Alerts alerts = alerts(AlertChannel.slack(receiver.url()));
      raise(alerts);

      assertThat(anHour(alerts, receiver)).containsExactly(0, 1, 6, 26);
    }
  }

  @Test
  void theNextMessageSaysHowManyWereNotSent() throws Exception {
    try (Receiver receiver = new Receiver()) {
      receiver.answers(404, 404);
      Alerts alerts = alerts(AlertChannel.webhook(receiver.url(), Scene.KEY));
      raise(alerts);
      alerts.work();
      raise(alerts);
      alerts.work();
      raise(alerts);
      alerts.work();

      assertThat(receiver.messages()).hasSize(3);
      assertThat(receiver.messages().get(2).get("details").toString())
          .contains("2 alerts before this could not be sent here.");
      assertThat(alerts.status()).isEqualTo(new Alerts.Status(0, 1, 2));
    }
  }

  @Test
  void aTryAgainHasTheSameIdAndANewOneAnother() throws Exception {
    try (Receiver receiver = new Receiver()) {
      receiver.answers(500);
      Alerts alerts = alerts(AlertChannel.webhook(receiver.url(), Scene.KEY));
      raise(alerts);
      anHour(alerts, receiver);
      raise(alerts);
      alerts.work();

      List<String> ids =
          receiver.posted().stream().map(posted -> posted.header("X-bedrock-meter-id")).toList();
      assertThat(ids).hasSize(3).doesNotContain("");
      assertThat(ids.get(0)).isEqualTo(ids.get(1)).isNotEqualTo(ids.get(2));
      assertThat(receiver.messages().get(0).get("id").textValue()).isEqualTo(ids.get(0));
    }
  }

  @Test
  void aRefusedConnectionAndFailedTlsPrintNoSecret() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    String path = "/services/" + Receiver.SECRET + "?sig=SECRETSIG";
    try (ServerSocket plain = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread answering = new Thread(() -> answerInPlainText(plain));
      answering.start();
      for (String url :
          List.of(
              "http://127.0.0.1:" + closed + path,
              "https://127.0.0.1:" + plain.getLocalPort() + path,
              "https://no-such-host.invalid" + path)) {
        AlertChannel channel = AlertChannel.slack(url);
        Alerts alerts = alerts(channel);
        raise(alerts);
        for (int second = 0; second < 100; second++) {
          alerts.work();
          time.advance(Duration.ofSeconds(1));
        }
        assertThat(alerts.status()).isEqualTo(new Alerts.Status(0, 0, 1));
        alerts.close();
        checkNoSecret(channel, alerts, "An alert was not sent to Slack webhook 1: ");
        assertThat(log()).doesNotContain("no-such-host");
      }
    }
    assertThat(log()).contains("TLS failed: ", "no answer: ConnectException");
  }

  /** What a server without TLS does with a client that begins with it. */
  private static void answerInPlainText(ServerSocket server) {
    try {
      while (!server.isClosed()) {
        try (Socket socket = server.accept()) {
          socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8));
          socket.getOutputStream().flush();
          socket.shutdownOutput();
          while (socket.getInputStream().read() >= 0) {
            // Until the client leaves.
          }
        }
      }
    } catch (IOException closed) {
      // The test is over, or the client left in the middle.
    }
  }

  @Test
  void aChannelOfTheUsersMayThrowWhatItLikes() throws Exception {
    Alerts alerts =
        alerts(
            message -> {
              throw new IllegalStateException("https://SECRET");
            });
    raise(alerts);
    alerts.work();

    assertThat(alerts.status()).isEqualTo(new Alerts.Status(0, 0, 1));
    assertThat(log()).contains("IllegalStateException").doesNotContain("SECRET");
  }

  @Test
  void aUrlThatCannotBeMeantIsAnErrorAtOnceWhichDoesNotQuoteIt() {
    for (String url :
        List.of(
            "",
            "hooks.slack.com/services/SECRET",
            "http://hooks.slack.com/services/SECRET",
            "ftp://hooks.slack.com/services/SECRET",
            "https:///services/SECRET",
            "https://hooks.slack.com/services/SE CRET",
            "https://user:SECRET@hooks.slack.com/services/x",
            "https://hooks.slack.com/services/x#SECRET",
            "https://hooks.slack.com/triggers/SECRET",
            "https://hooks.slack.com/workflows/SECRET")) {
      assertThatIllegalArgumentException()
          .as(url)
          .isThrownBy(() -> AlertChannel.slack(url))
          .withMessageContaining("the URL of a Slack webhook")
          .withNoCause()
          .satisfies(refused -> assertThat(refused.toString()).doesNotContain("SE", "CRET"));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AlertChannel.webhook("https://example.com", "SECRET"))
        .withMessageContaining("signingKey must have at least 16 characters")
        .withMessageNotContaining("SECRET");
  }

  @ParameterizedTest
  @MethodSource("settings")
  void aSettingThatIsNullIsNamedAtOnce(String named, Function<String, AlertChannel> channelOf) {
    String unset = System.getenv("BEDROCKMETER_TEST_THAT_NO_MACHINE_SETS");
    assertThat(unset).isNull();
    assertThatNullPointerException()
        .isThrownBy(() -> channelOf.apply(unset))
        .withMessageContainingAll(named, "is null", "environment variable");
  }

  static Stream<Arguments> settings() {
    Function<String, AlertChannel> slack = AlertChannel::slack;
    Function<String, AlertChannel> teams = AlertChannel::teams;
    Function<String, AlertChannel> webhook = url -> AlertChannel.webhook(url, Scene.KEY);
    Function<String, AlertChannel> key =
        value -> AlertChannel.webhook("https://a.example/x", value);
    return Stream.of(
        Arguments.of("the URL of a Slack webhook", slack),
        Arguments.of("the URL of a Teams workflow", teams),
        Arguments.of("the URL of a webhook", webhook),
        Arguments.of("signingKey", key));
  }

  @Test
  void closingSendsWhatWaitsAsOneMessage() throws Exception {
    try (Receiver receiver = new Receiver()) {
      Alerts alerts = Alerts.to(AlertChannel.webhook(receiver.url(), Scene.KEY));
      for (int i = 0; i < 50; i++) {
        raise(alerts);
      }
      alerts.close();

      long alertsSent =
          receiver.messages().stream().mapToLong(message -> message.get("count").longValue()).sum();
      assertThat(alertsSent).isEqualTo(50);
      assertThat(receiver.messages()).hasSizeLessThanOrEqualTo(5);
      raise(alerts);
      alerts.close();
      assertThat(alerts.status().waiting()).isZero();
    }
  }

  @Test
  void closingAChannelThatDoesNotStopIsBounded() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    AtomicInteger interruptions = new AtomicInteger();
    Alerts alerts =
        Alerts.to(
            message -> {
              while (over.getCount() > 0) {
                try {
                  over.await();
                } catch (InterruptedException ignored) {
                  interruptions.incrementAndGet();
                }
              }
            });
    raise(alerts);
    long begin = System.nanoTime();
    alerts.close();
    Duration closing = Duration.ofNanos(System.nanoTime() - begin);
    over.countDown();

    assertThat(closing).isLessThan(Duration.ofSeconds(30));
    assertThat(interruptions).hasPositiveValue();
    assertThat(log()).contains("did not end, since a channel does not stop");
  }
}
