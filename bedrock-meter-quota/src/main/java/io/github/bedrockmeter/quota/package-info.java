// SPDX-License-Identifier: Apache-2.0
/**
 * Bedrock's own quotas, kept on this side of the wire. Start with {@link
 * io.github.bedrockmeter.quota.ServiceQuotas}.
 */
@NullMarked
package io.github.bedrockmeter.quota;

import org.jspecify.annotations.NullMarked;
