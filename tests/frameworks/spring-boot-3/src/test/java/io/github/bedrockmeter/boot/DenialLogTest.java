// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import org.springframework.boot.WebApplicationType;

/**
 * A denial is one line of the meter in the log, whatever the call went through, and no stack trace;
 * of a stream, Spring AI logs the failure too, as it does every failure of a stream.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class DenialLogTest {
  private static final String[] SETTINGS = {
    "bedrock.meter.tags.user=#{principal}",
    "bedrock.meter.budgets.none.limit=0 requests",
    "bedrock.meter.budgets.none.window=lifetime",
    "bedrock.meter.log-usage=true",
    "spring.reactor.context-propagation=auto"
  };

  @Test
  void aDenialInServletsIsOneLine() throws Exception {
    assertOneLine(
        WebApplicationType.SERVLET,
        Chats.OnServlets.class,
        "/plain",
        "/callable",
        "/async",
        "/stream",
        "/functional");
  }

  @Test
  void aDenialInWebFluxIsOneLine() throws Exception {
    assertOneLine(
        WebApplicationType.REACTIVE,
        Chats.OnWebFlux.class,
        "/blocking",
        "/stream",
        "/functional",
        "/functional-stream");
  }

  private static void assertOneLine(WebApplicationType type, Class<?> application, String... paths)
      throws Exception {
    try (Boot app = Boot.started(type, application, SETTINGS)) {
      Lines lines = new Lines();
      Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
      lines.setContext(root.getLoggerContext());
      lines.start();
      root.addAppender(lines);
      try {
        for (String path : paths) {
          lines.all.clear();

          int status = Users.get(Users.name(1), app.url(path)).statusCode();

          assertThat(status).as(path).isBetween(400, 499);
          if (path.endsWith("stream")) {
            lines.all.removeIf(line -> line.getLoggerName().startsWith("org.springframework.ai."));
          }
          assertThat(lines.all).as(path).hasSize(1);
          assertThat(lines.all.get(0).getLoggerName()).isEqualTo("bedrock-meter");
          assertThat(lines.all.get(0).getThrowableProxy()).isNull();
        }
      } finally {
        root.detachAppender(lines);
      }
    }
  }

  /** Lines that are about a denial. */
  private static final class Lines extends AppenderBase<ILoggingEvent> {
    final List<ILoggingEvent> all = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent line) {
      boolean isAbout = line.getFormattedMessage().contains("budget 'none'");
      for (IThrowableProxy thrown = line.getThrowableProxy();
          thrown != null;
          thrown = thrown.getCause()) {
        isAbout |= thrown.getClassName().endsWith("BudgetExceededException");
      }
      if (isAbout) {
        all.add(line);
      }
    }
  }
}
