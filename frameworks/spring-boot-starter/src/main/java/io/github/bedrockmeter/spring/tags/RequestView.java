// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.tags;

import org.jspecify.annotations.Nullable;

/** What a definition of a tag can ask about the request that is served. */
interface RequestView {
  /** No request, as on a thread of a scheduler. */
  RequestView NONE =
      new RequestView() {
        @Override
        public @Nullable String principal() {
          return null;
        }

        @Override
        public @Nullable String header(String name) {
          return null;
        }

        @Override
        public @Nullable String attribute(String name) {
          return null;
        }
      };

  /** The name of the user who is logged in; null if no user is. */
  @Nullable String principal();

  /** The first value of a header; null if the request does not have it. */
  @Nullable String header(String name);

  /** An attribute of the request as a text; null if it is not set. */
  @Nullable String attribute(String name);
}
