// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import java.time.Instant;
import java.util.List;

/**
 * What a history begins with.
 *
 * @param start the clocks' first instant
 * @param teamRequired whether calls without the tag {@code team} are denied
 * @param slots how many calls a policy besides the budgets lets through at the same time
 */
record Setup(Instant start, boolean teamRequired, int slots, List<Definition> definitions) {}
