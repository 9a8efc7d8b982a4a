// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import java.util.UUID;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;

/** Makes attributes of the SDK that belong to this copy of the library. Stateless. */
public final class OwnAttribute {
  /*
   * The SDK keeps the name of every ExecutionAttribute for as long as its classes live, and refuses
   * a name that it has seen. Where one SDK serves several copies of this library (two web
   * applications over a shared class loader, one that is deployed again, a plugin), a fixed name
   * would fail in all copies but the first. What the SDK keeps is a name and an attribute of its
   * own class, a few hundred bytes for each copy; it keeps no class of ours.
   */
  private static final String COPY = UUID.randomUUID().toString();

  private OwnAttribute() {}

  /** An attribute whose name is unique to this copy. To be called once for each name. */
  public static <T> ExecutionAttribute<T> named(String name) {
    return new ExecutionAttribute<>(name + "-" + COPY);
  }
}
