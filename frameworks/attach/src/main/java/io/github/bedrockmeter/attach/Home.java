// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.attach;

import io.github.bedrockmeter.internal.text.Log;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** An application, as its class loader, and the meter it uses. Thread-safe. */
final class Home {
  /*
   * Several applications may share one copy of this library and of the SDK: the clients of each are
   * known by the context class loader of the thread that builds them. An application that has its
   * own copy of both has its own of this map. A home keeps no class of its application but the
   * meter that the application gave, until it takes it back; so that what was stopped is collected.
   */
  private static final Log log = Log.to(LoggerFactory.getLogger(Home.class));
  private static final ClassLoader OWN = ownLoader();
  private static final Map<ClassLoader, Home> HOMES = new WeakHashMap<>();

  private final @Nullable Home parent;
  private final AtomicReference<@Nullable ExecutionInterceptor> used = new AtomicReference<>();
  private volatile @Nullable ExecutionInterceptor configured;
  private boolean hasUnmetered;
  private boolean hasMetered;
  private boolean hasMixed;

  private Home(@Nullable Home parent) {
    this.parent = parent;
  }

  private static ClassLoader ownLoader() {
    ClassLoader own = Home.class.getClassLoader();
    return own == null ? ClassLoader.getSystemClassLoader() : own;
  }

  /** The home of what runs with this context class loader. */
  static Home of(@Nullable ClassLoader context) {
    synchronized (HOMES) {
      return at(loader(context));
    }
  }

  /** The class loader of a home: the context, where it knows this copy of the library. */
  static ClassLoader loader(@Nullable ClassLoader context) {
    for (ClassLoader loader = context; loader != null; loader = loader.getParent()) {
      if (loader == OWN && context != null) {
        return context;
      }
    }
    return OWN;
  }

  private static Home at(@Nullable ClassLoader loader) {
    Home known = HOMES.get(loader);
    if (known == null) {
      known = new Home(loader == OWN || loader == null ? null : at(loader.getParent()));
      HOMES.put(loader, known);
    }
    return known;
  }

  /** Uses an interceptor until what is returned is run. */
  Runnable use(ExecutionInterceptor interceptor) {
    if (!used.compareAndSet(null, interceptor)) {
      throw new IllegalStateException(
          "another meter is attached to this application: close what Attach.use returned for it");
    }
    return () -> used.compareAndSet(interceptor, null);
  }

  /** What a properties file says; what code uses goes before it. */
  void configure(@Nullable ExecutionInterceptor interceptor) {
    configured = interceptor;
  }

  /** The interceptor to use, of this home or the nearest above it; null if there is none. */
  @Nullable ExecutionInterceptor interceptor() {
    ExecutionInterceptor own = used.get();
    if (own == null) {
      own = configured;
    }
    return own != null || parent == null ? own : parent.interceptor();
  }

  /** A call passes that nothing meters. */
  synchronized void passesUnmetered() {
    if (!hasUnmetered) {
      hasUnmetered = true;
      log.warn(
          "bedrock-meter-attach found no meter: calls of Bedrock Runtime clients are not metered, and"
              + " no budget limits them. Put a file bedrock-meter.properties on the class path, or"
              + " call Attach.use(meter) before the first call; this is logged once");
    }
    warnIfMixed();
  }

  /** A call passes that a wrapped client has metered. */
  synchronized void passesMetered() {
    hasMetered = true;
    warnIfMixed();
  }

  private void warnIfMixed() {
    if (hasMetered && hasUnmetered && !hasMixed) {
      hasMixed = true;
      log.warn(
          "Only some of the application's Bedrock Runtime clients are metered: a wrapped one is, and"
              + " at least one other is not. Attach.use(meter), with the meter that wrapped it,"
              + " meters them all; this is logged once");
    }
  }
}
