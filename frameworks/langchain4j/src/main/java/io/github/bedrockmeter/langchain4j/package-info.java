// SPDX-License-Identifier: Apache-2.0
/**
 * Models of LangChain4j whose calls have tags. Start with {@link
 * io.github.bedrockmeter.langchain4j.TaggedModels}.
 */
@NullMarked
package io.github.bedrockmeter.langchain4j;

import org.jspecify.annotations.NullMarked;
