// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.attach;

import static io.github.bedrockmeter.attach.Applications.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.listener.RecordingListener;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** Several applications in one JVM: which meter sees which client, and what the log says. */
class ApplicationsTest {
  private static final String NO_METER = "found no meter";
  private static final String MIXED = "Only some of the application's Bedrock Runtime clients";

  private final FakeBedrock bedrock = FakeBedrock.start();

  ApplicationsTest() {
    bedrock.onAnyModel().reply(Reply.text("one").inputTokens(11).outputTokens(23));
  }

  @AfterEach
  void close() {
    bedrock.close();
  }

  @Test
  void eachApplicationOverOneCopyHasItsOwnMeter() throws Exception {
    RecordingListener one = new RecordingListener();
    RecordingListener two = new RecordingListener();
    ClassLoader first = Applications.over();
    ClassLoader second = Applications.over();
    try (Attach.Attached firsts = Applications.in(first, () -> Attach.use(meter(one)));
        Attach.Attached seconds = Applications.in(second, () -> Attach.use(meter(two)))) {
      BedrockRuntimeClient ofFirst = Applications.in(first, bedrock::client);
      BedrockRuntimeClient ofSecond =
          Applications.in(second, () -> bedrock.clientBuilder().build());

      // The thread that calls may be any; the one that built the client decides.
      call(ofFirst);
      call(ofSecond);
      call(ofSecond);
      assertThat(firsts).isNotSameAs(seconds);
    }

    assertThat(one.usages()).hasSize(1);
    assertThat(two.usages()).hasSize(2);
  }

  @Test
  void anApplicationIsMeteredByTheMeterOfTheOneAboveIt() throws Exception {
    RecordingListener listener = new RecordingListener();
    try (Attach.Attached above = Attach.use(meter(listener))) {
      call(Applications.in(Applications.over(), bedrock::client));
      assertThat(above).isNotNull();
    }

    assertThat(listener.usages()).hasSize(1);
  }

  private static BedrockMeter meter(RecordingListener listener) {
    return BedrockMeter.builder().listener(listener).build();
  }

  @Test
  void aClientThatNothingMetersIsSaidOnce() throws Exception {
    try (Logged logged = new Logged()) {
      BedrockRuntimeClient client = Applications.in(Applications.over(), bedrock::client);
      call(client);
      call(client);

      assertThat(logged.lines(NO_METER)).hasSize(1);
      assertThat(logged.lines(MIXED)).isEmpty();
    }
    assertThat(bedrock.requests()).hasSize(2);
  }

  @Test
  void anApplicationThatMetersOnlyOneOfItsClientsIsSaidOnce() throws Exception {
    RecordingListener listener = new RecordingListener();
    try (Logged logged = new Logged()) {
      ClassLoader application = Applications.over();
      BedrockRuntimeClient wrapped =
          Applications.in(application, () -> meter(listener).wrap(bedrock.clientBuilder().build()));
      BedrockRuntimeClient forgotten =
          Applications.in(application, () -> bedrock.clientBuilder().build());
      call(wrapped);
      call(forgotten);
      call(wrapped);
      call(forgotten);

      assertThat(logged.lines(MIXED)).hasSize(1);
    }
    assertThat(listener.usages()).hasSize(2);
  }

  /** Loads all that the tests have anew: the SDK, the library, its jar. */
  private static final class Copy extends URLClassLoader {
    Copy() throws MalformedURLException {
      super(urls(), ClassLoader.getPlatformClassLoader());
    }

    private static URL[] urls() throws MalformedURLException {
      List<URL> urls = new ArrayList<>();
      for (String entry :
          List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))) {
        urls.add(Path.of(entry).toUri().toURL());
      }
      return urls.toArray(URL[]::new);
    }

    List<String> run(String endpoint, String application) throws Exception {
      Class<?> type = loadClass(CopyJob.class.getName());
      assertThat(type).isNotSameAs(CopyJob.class);
      @SuppressWarnings("unchecked") // the same class, loaded once more
      var job = (Function<List<String>, List<String>>) type.getDeclaredConstructor().newInstance();
      return Applications.in(this, () -> job.apply(List.of(endpoint, application)));
    }
  }

  @Test
  void twoCopiesInOneJvmMeterEachItsOwn() throws Exception {
    String endpoint = bedrock.endpoint().toString();
    try (Copy one = new Copy();
        Copy two = new Copy()) {
      assertThat(one.run(endpoint, "one")).containsExactly("{application=one} 11 23");
      assertThat(two.run(endpoint, "two")).containsExactly("{application=two} 11 23");
      assertThatCode(() -> assertThat(one.run(endpoint, "one")).hasSize(1))
          .doesNotThrowAnyException();
    }
  }
}
