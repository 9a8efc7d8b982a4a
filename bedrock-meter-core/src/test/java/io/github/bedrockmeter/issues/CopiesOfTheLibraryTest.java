// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.testkit.FakeBedrock;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** Several copies of the library over one SDK: two web applications, a plugin, a redeployment. */
class CopiesOfTheLibraryTest {
  private final FakeBedrock bedrock = FakeBedrock.start();
  private final BedrockRuntimeClient client = bedrock.client();
  private final BedrockRuntimeAsyncClient async = bedrock.asyncClient();
  private final ExecutorService pool = Executors.newSingleThreadExecutor();

  @AfterEach
  void close() {
    pool.shutdownNow();
    bedrock.close();
  }

  /** Loads the library and the job anew, and shares the SDK and all else with the tests. */
  private static final class Application extends URLClassLoader {
    Application() {
      super(new URL[] {home(BedrockMeter.class), home(MeteredJob.class)}, parent());
    }

    private static ClassLoader parent() {
      return CopiesOfTheLibraryTest.class.getClassLoader();
    }

    private static URL home(Class<?> type) {
      return type.getProtectionDomain().getCodeSource().getLocation();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      boolean own =
          name.startsWith("io.github.bedrockmeter.")
              && !name.startsWith("io.github.bedrockmeter.testkit.");
      if (!own) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? findClass(name) : loaded;
      }
    }

    /** Runs the application's calls. */
    List<String> run(BedrockRuntimeClient client, BedrockRuntimeAsyncClient async)
        throws ReflectiveOperationException {
      Class<?> type = loadClass(MeteredJob.class.getName());
      assertThat(type).isNotSameAs(MeteredJob.class);
      @SuppressWarnings("unchecked") // the same class, loaded once more
      var job =
          (BiFunction<BedrockRuntimeClient, BedrockRuntimeAsyncClient, List<String>>)
              type.getDeclaredConstructor().newInstance();
      return job.apply(client, async);
    }
  }

  @Test
  void everyCopyMetersOverOneSdk() throws Exception {
    for (int copy = 0; copy < 3; copy++) {
      try (Application application = new Application()) {
        assertThat(application.run(client, async))
            .containsExactly("{team=search, tenant=acme}", "{team=search, tenant=acme}");
      }
    }
    assertThat(new MeteredJob().apply(client, async)).hasSize(2);

    assertThat(bedrock.requests()).hasSize(8);
  }

  @Test
  void aCopyThatIsNoLongerUsedCanBeCollected() throws Exception {
    // The SDK's own threads keep the callers that made them start.
    new MeteredJob().apply(client, async);

    WeakReference<ClassLoader> used = pool.submit(this::useACopyAndDropIt).get();
    linkARecordOfTheJdksTypes();

    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              System.gc();
              return used.get() == null;
            });
  }

  /**
   * Before 19 the JDK keeps the classes of the record that was linked last, whoever's it is
   * (JDK-8078641): this one has only classes of the JDK.
   */
  private static void linkARecordOfTheJdksTypes() {
    record Text(String text) {}
    assertThat(new Text("a")).isEqualTo(new Text("a")).hasSameHashCodeAs(new Text("a"));
    assertThat(new Text("a")).hasToString("Text[text=a]");
  }

  /** On a thread that lives on, as those of a web server do. */
  private WeakReference<ClassLoader> useACopyAndDropIt()
      throws ReflectiveOperationException, IOException {
    try (Application application = new Application()) {
      assertThat(application.run(client, async)).hasSize(2);
      return new WeakReference<>(application);
    }
  }
}
