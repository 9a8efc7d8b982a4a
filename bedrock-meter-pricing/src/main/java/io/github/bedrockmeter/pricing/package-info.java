// SPDX-License-Identifier: Apache-2.0
/**
 * What Bedrock charges, where the figure comes from, and which figure applies to a call. Start with
 * {@link PriceCatalog}.
 */
@NullMarked
package io.github.bedrockmeter.pricing;

import org.jspecify.annotations.NullMarked;
