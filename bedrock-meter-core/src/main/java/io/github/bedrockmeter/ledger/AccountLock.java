// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import java.util.concurrent.locks.AbstractQueuedSynchronizer;

/**
 * The lock of an account, which is the account itself: a lock of its own would be a quarter of it.
 * Not reentrant.
 */
abstract class AccountLock extends AbstractQueuedSynchronizer {
  private static final int FREE = 0;
  private static final int LOCKED = 1;

  final void lock() {
    acquire(LOCKED);
  }

  final void unlock() {
    release(FREE);
  }

  @Override
  protected final boolean tryAcquire(int locked) {
    return getState() == FREE && compareAndSetState(FREE, locked);
  }

  @Override
  protected final boolean tryRelease(int free) {
    setState(free);
    return true;
  }
}
