// SPDX-License-Identifier: Apache-2.0
/**
 * Facts from the usage journal. Start with {@link
 * io.github.bedrockmeter.report.journal.JournalDatabase}.
 */
@NullMarked
package io.github.bedrockmeter.report.journal;

import org.jspecify.annotations.NullMarked;
