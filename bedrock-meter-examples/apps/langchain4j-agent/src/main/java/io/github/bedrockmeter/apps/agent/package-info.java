// SPDX-License-Identifier: Apache-2.0
/** An agent that runs away, and what stops it. Start with {@link AgentApp}. */
@NullMarked
package io.github.bedrockmeter.apps.agent;

import org.jspecify.annotations.NullMarked;
