// SPDX-License-Identifier: Apache-2.0
/**
 * A listener for tests: {@link io.github.bedrockmeter.testkit.listener.RecordingListener} keeps
 * every event.
 */
@NullMarked
package io.github.bedrockmeter.testkit.listener;

import org.jspecify.annotations.NullMarked;
