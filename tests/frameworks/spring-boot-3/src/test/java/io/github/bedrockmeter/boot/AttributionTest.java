// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.ReceivedRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.WebApplicationType;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * 10,000 calls of 100 users at once, who are known by their login alone, on pools of two threads
 * that serve another user each time. The prompt names the user, so that each call that Bedrock
 * received shows for whom it was made, and the tag in its metadata who was charged.
 */
@Timeout(value = 3_600, unit = TimeUnit.SECONDS)
class AttributionTest {
  private static final int CALLS = Integer.getInteger("bedrockmeter.calls", 10_000);
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Pattern PROMPT = Pattern.compile("I am <(user-\\d+)>");
  private static final Pattern TAG = Pattern.compile("\"user\":\"(user-\\d+)\"");
  private static final String[] SETTINGS = {
    "bedrock.meter.tags.user=#{principal}",
    "bedrock.meter.required-tags=user",
    "bedrock.meter.budgets.calls.limit=1000000 requests",
    "bedrock.meter.budgets.calls.window=lifetime",
    "bedrock.meter.budgets.calls.per=user",
    "spring.reactor.context-propagation=auto",
    "spring.task.execution.pool.core-size=2",
    "spring.task.execution.pool.max-size=2",
    "server.tomcat.threads.max=2",
    "server.tomcat.threads.min-spare=2"
  };

  @BeforeAll
  static void fewThreads() {
    Schedulers.setFactory(
        new Schedulers.Factory() {
          @Override
          public Scheduler newBoundedElastic(
              int threadCap, int queuedTaskCap, ThreadFactory threads, int ttlSeconds) {
            return Schedulers.Factory.super.newBoundedElastic(
                2, queuedTaskCap, threads, ttlSeconds);
          }
        });
  }

  @AfterAll
  static void asBefore() {
    Schedulers.resetFactory();
  }

  @Test
  void everyCallIsChargedToTheUserItWasMadeFor() throws Exception {
    Map<String, Integer> servlets =
        Map.of("/callable", 1, "/async", 1, "/stream", 3, "/functional", 1);
    Map<String, Integer> webFlux =
        Map.of("/blocking", 1, "/stream", 3, "/functional", 1, "/functional-stream", 3);

    int[] counts =
        sum(
            played(WebApplicationType.SERVLET, Chats.OnServlets.class, servlets, CALLS * 3 / 4),
            played(WebApplicationType.REACTIVE, Chats.OnWebFlux.class, webFlux, CALLS / 4));

    System.out.printf("%,d calls, %d charged to another user%n", counts[0], counts[1]);
    assertThat(counts[0]).isGreaterThanOrEqualTo(CALLS);
    assertThat(counts[1]).isZero();
  }

  private static int[] sum(int[] one, int[] other) {
    return new int[] {one[0] + other[0], one[1] + other[1]};
  }

  /**
   * Sends requests in turn to the paths.
   *
   * @param paths how many calls of Bedrock each makes
   * @return calls, and how many were charged to another user
   */
  private static int[] played(
      WebApplicationType type, Class<?> application, Map<String, Integer> paths, int calls)
      throws Exception {
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock
          .onAnyModel()
          .reply(
              request ->
                  ToolRounds.answer(
                      request, request.bodyText().contains("\"toolConfig\"") ? 2 : 0));
      try (Boot app = Boot.started(type, application, bedrock, SETTINGS)) {
        Map<String, Integer> sent = send(app, paths, calls);
        int all = sent.values().stream().mapToInt(Integer::intValue).sum();
        List<UsageEvent> events = app.recorded().usages();
        Awaitility.await().atMost(LIMIT).until(() -> events.size() >= all);
        assertThat(app.recorded().denials()).isEmpty();
        int wrong = wrong(bedrock.requests());
        assertThat(sent).as("users").hasSize(Users.COUNT);
        assertThat(made(bedrock.requests())).as("calls that Bedrock received").isEqualTo(sent);
        assertThat(charged(events)).as("calls that the meter reported").isEqualTo(sent);
        return new int[] {events.size(), wrong};
      }
    }
  }

  /** How many calls each user has made. */
  private static Map<String, Integer> send(Boot app, Map<String, Integer> paths, int calls)
      throws Exception {
    List<String> names = paths.keySet().stream().sorted().toList();
    Semaphore atOnce = new Semaphore(Users.COUNT);
    AtomicReference<String> failure = new AtomicReference<>();
    Map<String, Integer> sent = new HashMap<>();
    int all = 0;
    // Each user makes as many rounds of all paths as the others.
    for (int i = 0; all < calls || i % (names.size() * Users.COUNT) != 0; i++) {
      String path = names.get(i % names.size());
      String user = Users.name(i / names.size());
      all += paths.get(path);
      sent.merge(user, paths.get(path), Integer::sum);
      assertThat(atOnce.tryAcquire(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      Users.send(user, app.url(path))
          .whenComplete(
              (answer, failed) -> {
                if (failed != null || answer.statusCode() != 200) {
                  failure.set(path + ": " + (failed == null ? shown(answer) : failed));
                }
                atOnce.release();
              });
    }
    assertThat(atOnce.tryAcquire(Users.COUNT, LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(failure.get()).isNull();
    return sent;
  }

  private static String shown(HttpResponse<String> answer) {
    return answer.statusCode() + " " + answer.body();
  }

  /** Calls whose tag is not the user that the prompt names, by what Bedrock received. */
  private static int wrong(List<ReceivedRequest> requests) {
    int wrong = 0;
    for (ReceivedRequest request : requests) {
      if (!found(PROMPT, request.bodyText()).equals(found(TAG, request.bodyText()))) {
        wrong++;
      }
    }
    return wrong;
  }

  private static Map<String, Integer> made(List<ReceivedRequest> requests) {
    Map<String, Integer> made = new HashMap<>();
    requests.forEach(request -> made.merge(found(PROMPT, request.bodyText()), 1, Integer::sum));
    return made;
  }

  private static Map<String, Integer> charged(List<UsageEvent> events) {
    Map<String, Integer> charged = new HashMap<>();
    events.forEach(
        event -> charged.merge(String.valueOf(event.call().tags().get("user")), 1, Integer::sum));
    return charged;
  }

  private static String found(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    return found.find() ? found.group(1) : "none";
  }
}
