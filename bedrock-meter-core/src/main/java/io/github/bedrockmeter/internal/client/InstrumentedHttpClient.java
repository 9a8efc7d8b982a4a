// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.call.Sending;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * A synchronous HTTP client that sees, for each attempt of a metered call, whether its body began
 * to leave and with what status it was answered. Everything else passes through. Thread-safe.
 */
public final class InstrumentedHttpClient implements SdkHttpClient {
  /*
   * The SDK prepares each attempt on the thread that makes the call. The signer has read the body
   * before; the HTTP client opens the body's stream when it has a connection or just before, and
   * reads it when it writes: the first read shows that the body leaves.
   */
  private final SdkHttpClient delegate;

  /** Instruments a client; closing this one closes it. */
  public InstrumentedHttpClient(SdkHttpClient delegate) {
    SdkCheck.check();
    this.delegate = delegate;
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    Sending sending = Sending.current();
    if (sending == null) {
      return delegate.prepareRequest(request);
    }
    Sending.Attempt attempt = sending.begin();
    ContentStreamProvider body = request.contentStreamProvider().orElse(null);
    if (body == null) {
      return new Prepared(delegate.prepareRequest(request), attempt, request);
    }
    HttpExecuteRequest seen =
        HttpExecuteRequest.builder()
            .request(request.httpRequest())
            .contentStreamProvider(new SeenBody(body, attempt, request))
            .metricCollector(request.metricCollector().orElse(null))
            .build();
    return new Prepared(delegate.prepareRequest(seen), attempt, null);
  }

  @Override
  public String clientName() {
    return delegate.clientName();
  }

  @Override
  public void close() {
    delegate.close();
  }

  /** One attempt, ready to be made. */
  private record Prepared(
      ExecutableHttpRequest delegate,
      Sending.Attempt attempt,
      @Nullable HttpExecuteRequest withoutBody)
      implements ExecutableHttpRequest {
    @Override
    public HttpExecuteResponse call() throws IOException {
      if (withoutBody != null && !attempt.leaves(CalledModel.of(withoutBody.httpRequest()))) {
        throw new IOException("the call has ended");
      }
      HttpExecuteResponse response = delegate.call();
      attempt.answered(response.httpResponse().statusCode());
      return response;
    }

    @Override
    public void abort() {
      delegate.abort();
    }
  }

  /** A body whose first read is seen. */
  private record SeenBody(
      ContentStreamProvider delegate, Sending.Attempt attempt, HttpExecuteRequest request)
      implements ContentStreamProvider {
    @Override
    public InputStream newStream() {
      String model = CalledModel.of(request.httpRequest());
      return new LeavingStream(delegate.newStream(), () -> attempt.leaves(model));
    }

    @Override
    public String name() {
      return delegate.name();
    }
  }
}
