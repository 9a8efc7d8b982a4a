// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import org.reactivestreams.Subscription;

/** A subscription to nothing. Stateless. */
enum IdleSubscription implements Subscription {
  INSTANCE;

  @Override
  public void request(long elements) {}

  @Override
  public void cancel() {}
}
