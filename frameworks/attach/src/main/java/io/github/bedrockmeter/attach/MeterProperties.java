// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.attach;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budgetsfile.BudgetsFile;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.internal.text.NearestName;
import io.github.bedrockmeter.pricing.PriceCatalog;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** Makes a meter of {@code bedrock-meter.properties}, the same for all clients that find it. */
final class MeterProperties {
  private static final String NAME = "bedrock-meter.properties";
  private static final String FILE = "bedrockmeter.properties";
  private static final String TAGS = "tags.";
  private static final String CLASS_PATH = "classpath:";
  private static final List<String> KEYS =
      List.of("budgets", "prices", "log", "enabled", "defaultMaxOutputTokens", "tags.NAME");

  /** One meter for each file: its balances are in memory, and must not begin anew with a client. */
  private static final Map<Found, ExecutionInterceptor> METERS = new ConcurrentHashMap<>();

  private final Found found;
  private final ClassLoader loader;
  private final Map<String, String> values;

  /**
   * A file that was found.
   *
   * @param place where it is
   * @param text what is in it; a file that was changed makes another meter
   */
  private record Found(String place, String text) {}

  private MeterProperties(Found found, ClassLoader loader) throws IOException {
    this.found = found;
    this.loader = loader;
    Properties read = new Properties();
    read.load(new StringReader(found.text));
    this.values = new TreeMap<>();
    read.stringPropertyNames().forEach(key -> values.put(key, read.getProperty(key).strip()));
  }

  /**
   * The interceptor of the meter that a file describes: the one that the system property {@code
   * bedrockmeter.properties} names, or the one on the class path; null if there is none.
   *
   * @throws IllegalStateException if there is one that cannot be used
   */
  static @Nullable ExecutionInterceptor interceptor(ClassLoader loader) {
    try {
      Found found = find(loader);
      if (found == null) {
        return null;
      }
      MeterProperties properties = new MeterProperties(found, loader);
      if (!properties.isEnabled()) {
        return null;
      }
      synchronized (METERS) {
        ExecutionInterceptor known = METERS.get(found);
        if (known == null) {
          known = properties.meter().interceptor();
          METERS.put(found, known);
        }
        return known;
      }
    } catch (IOException unreadable) {
      throw new IllegalStateException(
          NAME + " cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }

  private static @Nullable Found find(ClassLoader loader) throws IOException {
    String file = System.getProperty(FILE);
    if (file != null) {
      Path path = Path.of(file);
      if (!Files.isRegularFile(path)) {
        throw new IllegalStateException(
            "the system property " + FILE + " must name a file: " + Escaped.text(file));
      }
      return new Found(path.toAbsolutePath().toString(), Files.readString(path));
    }
    URL resource = loader.getResource(NAME);
    return resource == null ? null : new Found(resource.toString(), text(resource));
  }

  private static String text(URL resource) throws IOException {
    URLConnection connection = resource.openConnection();
    connection.setUseCaches(false); // a cached jar could not be replaced
    try (InputStream in = connection.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private boolean isEnabled() {
    return flag("enabled", true);
  }

  private BedrockMeter meter() throws IOException {
    checkKeys();
    BedrockMeter.Builder meter = BedrockMeter.builder();
    String budgets = values.get("budgets");
    boolean logs = flag("log", false);
    if (budgets == null && !logs) {
      throw wrong(
          "it has no effect without \"budgets\", such as classpath:budgets.yaml, or log=true");
    }
    if (budgets != null) {
      budgets(budgets).forEach(meter::budget);
    }
    if (logs) {
      meter.listener(MeterListener.logging());
    }
    String prices = values.getOrDefault("prices", "bundled");
    if (prices.equals("bundled")) {
      meter.prices(PriceCatalog.bundled());
    } else if (!prices.equals("none")) {
      throw wrong("\"prices\" is bundled or none: " + Escaped.text(prices));
    }
    String most = values.get("defaultMaxOutputTokens");
    if (most != null) {
      meter.defaultMaxOutputTokens(count(most));
    }
    Map<String, String> tags = new HashMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(TAGS)) {
            tags.put(key.substring(TAGS.length()), value);
          }
        });
    return meter.tags(Tags.of(tags)).build();
  }

  private void checkKeys() {
    for (String key : values.keySet()) {
      boolean isTag = key.startsWith(TAGS) && key.length() > TAGS.length();
      if (!KEYS.contains(key) && !isTag) {
        throw wrong(
            "the key \""
                + Escaped.text(key)
                + "\" is unknown"
                + NearestName.hint(key, KEYS)
                + "; the keys are "
                + String.join(", ", KEYS));
      }
    }
  }

  private boolean flag(String key, boolean otherwise) {
    String value = values.get(key);
    if (value == null) {
      return otherwise;
    }
    if (!value.equals("true") && !value.equals("false")) {
      throw wrong("\"" + key + "\" is true or false: " + Escaped.text(value));
    }
    return value.equals("true");
  }

  private long count(String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException notOne) {
      throw wrong("\"defaultMaxOutputTokens\" is a number, such as 4096: " + Escaped.text(value));
    }
  }

  private List<Budget> budgets(String place) throws IOException {
    if (!place.startsWith(CLASS_PATH)) {
      Path file = Path.of(place);
      if (!Files.isRegularFile(file)) {
        throw wrong(
            "\"budgets\" names no file, and one on the class path is written as classpath:budgets.yaml: "
                + Escaped.text(place));
      }
      return BudgetsFile.read(file);
    }
    String name = place.substring(CLASS_PATH.length());
    URL resource = loader.getResource(name);
    if (resource == null) {
      throw wrong("\"budgets\" names a file that is not on the class path: " + Escaped.text(name));
    }
    return BudgetsFile.parse(Path.of(name), text(resource));
  }

  private IllegalStateException wrong(String what) {
    return new IllegalStateException(NAME + ", at " + found.place + ": " + what);
  }
}
