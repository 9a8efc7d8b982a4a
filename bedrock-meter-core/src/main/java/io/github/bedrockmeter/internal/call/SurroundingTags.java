// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import java.util.Objects;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/**
 * Asks a framework, or an application, for the tags of the thread that makes a call. A source that
 * fails gives none: a rule or a budget may deny the call for that, the source's exception never
 * reaches it. Thread-safe.
 */
final class SurroundingTags implements Supplier<Tags> {
  private final OutageLog failures =
      new OutageLog(
          Log.to(LoggerFactory.getLogger(SurroundingTags.class)),
          "A source of tags failed, and its tags are missing");
  private final Supplier<Tags> source;

  SurroundingTags(Supplier<Tags> source) {
    this.source = Objects.requireNonNull(source, "source");
  }

  @Override
  public Tags get() {
    try {
      return Objects.requireNonNull(source.get(), "a source of tags returned null");
    } catch (Throwable failure) { // a class of the framework may be missing, too
      failures.failed(source.getClass().getName(), failure);
      return Tags.none();
    }
  }
}
