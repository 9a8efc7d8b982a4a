// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.tags;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.call.Tags;
import org.springframework.core.task.TaskDecorator;

/**
 * Has the tasks of Boot's executors run with the tags of the thread that hands them over: {@code
 * Async} methods, {@code Callable} controllers, virtual threads. It carries nothing else.
 * Thread-safe.
 */
public final class CarryingTaskDecorator implements TaskDecorator {
  private final ThreadTags threadTags;

  /** A decorator that captures tags so. */
  public CarryingTaskDecorator(ThreadTags threadTags) {
    this.threadTags = threadTags;
  }

  @Override
  @SuppressWarnings("try") // the scope is open while the task runs
  public Runnable decorate(Runnable task) {
    Tags tags = threadTags.toCarry();
    return () -> {
      try (BedrockMeter.Scope scope = BedrockMeter.replaceTags(tags)) {
        task.run();
      }
    };
  }
}
