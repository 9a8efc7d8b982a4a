// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.text.Log;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.AwsClient;
import software.amazon.awssdk.core.ClientType;
import software.amazon.awssdk.core.SdkClient;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;
import software.amazon.awssdk.core.interceptor.SdkInternalExecutionAttribute;

/** The clients that an interceptor is set on, nearly always one. Thread-safe. */
final class HookedClients {
  private static final Log log = Log.to(LoggerFactory.getLogger(HookedClients.class));

  /** Longer than any ledger in memory needs, on a machine that is not overloaded. */
  private static final Duration SLOW = Duration.ofMillis(20);

  private final AtomicBoolean hasWarned = new AtomicBoolean();
  private volatile @Nullable Known last;

  private record Known(
      WeakReference<SdkClient> client, @Nullable ClientOverrideConfiguration settings) {}

  /** The settings of the client that makes a call; null where it does not say. */
  @Nullable ClientOverrideConfiguration settings(ExecutionAttributes attributes) {
    SdkClient client = attributes.getAttribute(SdkInternalExecutionAttribute.SDK_CLIENT);
    if (!(client instanceof AwsClient asked)) {
      return null;
    }
    Known known = last;
    if (known == null || known.client.get() != client) {
      known = new Known(new WeakReference<>(client), Delegates.settings(asked));
      last = known;
    }
    return known.settings;
  }

  /**
   * Warns once if an asynchronous call had to wait for its admission: a hook has no other thread to
   * wait on than the caller's.
   */
  void warnIfSlow(ExecutionAttributes attributes, String callId, long nanos) {
    if (nanos > SLOW.toNanos()
        && attributes.getAttribute(SdkExecutionAttribute.CLIENT_TYPE) == ClientType.ASYNC
        && hasWarned.compareAndSet(false, true)) {
      log.warn(
          "Call {} of an asynchronous client held its caller's thread for {} ms, until a budget had"
              + " let it in: an interceptor cannot wait elsewhere. Put Ledger.leased(...) before a"
              + " remote ledger, or wrap the client; this is logged once",
          callId,
          Duration.ofNanos(nanos).toMillis());
    }
  }
}
