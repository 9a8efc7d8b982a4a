// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.messages;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.AbstractLogger;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/** A logging backend that keeps the lines of our loggers, as a file would have them. */
@SuppressWarnings("NullAway") // SLF4J passes null for what a line lacks
public final class KeptLines implements SLF4JServiceProvider {
  private static final List<Line> LINES = new CopyOnWriteArrayList<>();

  private final Map<String, Logger> loggers = new ConcurrentHashMap<>();
  private final IMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter context = new NOPMDCAdapter();

  /**
   * A line.
   *
   * @param text without what is below it
   * @param below what a stack trace begins its lines with: exceptions, their causes and suppressed
   */
  record Line(Level level, String logger, String text, List<String> below) {
    String all() {
      return text + "\n" + String.join("\n", below);
    }
  }

  /** The lines since the last call of this. */
  static List<Line> taken() {
    List<Line> lines = List.copyOf(LINES);
    LINES.clear();
    return lines;
  }

  @Override
  public ILoggerFactory getLoggerFactory() {
    return name -> loggers.computeIfAbsent(name, Keeping::new);
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return context;
  }

  @Override
  public String getRequestedApiVersion() {
    return "2.0.99";
  }

  @Override
  public void initialize() {}

  private static final class Keeping extends AbstractLogger {
    private static final long serialVersionUID = 1L;

    Keeping(String name) {
      this.name = name;
    }

    private boolean isOurs() {
      return name.equals("bedrock-meter") || name.startsWith("io.github.bedrockmeter");
    }

    @Override
    protected String getFullyQualifiedCallerName() {
      return Keeping.class.getName();
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level, Marker marker, String pattern, Object[] arguments, Throwable failure) {
      List<String> below = new ArrayList<>();
      add(below, failure, 20);
      LINES.add(
          new Line(level, name, MessageFormatter.basicArrayFormat(pattern, arguments), below));
    }

    private static void add(List<String> below, Throwable failure, int deepest) {
      if (failure != null && deepest > 0) {
        below.add(failure.toString());
        add(below, failure.getCause(), deepest - 1);
        for (Throwable suppressed : failure.getSuppressed()) {
          add(below, suppressed, deepest - 1);
        }
      }
    }

    @Override
    public boolean isTraceEnabled() {
      return isOurs();
    }

    @Override
    public boolean isTraceEnabled(Marker marker) {
      return isOurs();
    }

    @Override
    public boolean isDebugEnabled() {
      return isOurs();
    }

    @Override
    public boolean isDebugEnabled(Marker marker) {
      return isOurs();
    }

    @Override
    public boolean isInfoEnabled() {
      return isOurs();
    }

    @Override
    public boolean isInfoEnabled(Marker marker) {
      return isOurs();
    }

    @Override
    public boolean isWarnEnabled() {
      return isOurs();
    }

    @Override
    public boolean isWarnEnabled(Marker marker) {
      return isOurs();
    }

    @Override
    public boolean isErrorEnabled() {
      return isOurs();
    }

    @Override
    public boolean isErrorEnabled(Marker marker) {
      return isOurs();
    }
  }
}
