// SPDX-License-Identifier: Apache-2.0
/**
 * One runnable file for each question, and the demo. Start with {@link WrapAClient}; {@link Demo}
 * shows it all at once. From the top of the project, {@code mvn -q -Ddemo -Ddemo.main=WrapAClient}
 * runs one of them.
 */
@NullMarked
package io.github.bedrockmeter.examples;

import org.jspecify.annotations.NullMarked;
