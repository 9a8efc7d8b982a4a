// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import java.io.InputStream;
import java.util.Optional;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.internal.InternalCoreExecutionAttribute;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.ContentStreamProvider;

/** The body of a synchronous request, whose first read by the HTTP client is seen. Thread-safe. */
final class SeenContent implements ContentStreamProvider {
  /*
   * The signer reads the body too, before each attempt. Such a read comes before the call has an
   * attempt, or, when the SDK tries again, while it still has the one before: by then the SDK counts
   * one attempt more than when that one began.
   */
  private final ContentStreamProvider delegate;
  private final HookedCall call;
  private final ExecutionAttributes attributes;

  private SeenContent(
      ContentStreamProvider delegate, HookedCall call, ExecutionAttributes attributes) {
    this.delegate = delegate;
    this.call = call;
    this.attributes = attributes;
  }

  /** A body that is seen; as it is, if its length is unknown. */
  static RequestBody of(RequestBody body, HookedCall call, ExecutionAttributes attributes) {
    return body.optionalContentLength()
        .map(
            length ->
                RequestBody.fromContentProvider(
                    new SeenContent(body.contentStreamProvider(), call, attributes),
                    length,
                    body.contentType()))
        .orElse(body);
  }

  /** Whether what is sent is a body that is seen; another interceptor may have replaced it. */
  static boolean isIn(Optional<RequestBody> body, HookedCall call) {
    return body.isPresent()
        && body.get().contentStreamProvider() instanceof SeenContent seen
        && seen.call == call;
  }

  @Override
  public String name() {
    return delegate.name();
  }

  @Override
  public InputStream newStream() {
    return new LeavingStream(
        delegate.newStream(), () -> call.attempts().leaves(attemptsOfTheSdk(attributes)));
  }

  /** The number of the attempt that the SDK prepares or makes. */
  static int attemptsOfTheSdk(ExecutionAttributes attributes) {
    Integer attempts = attributes.getAttribute(InternalCoreExecutionAttribute.EXECUTION_ATTEMPT);
    return attempts == null ? 0 : attempts;
  }
}
