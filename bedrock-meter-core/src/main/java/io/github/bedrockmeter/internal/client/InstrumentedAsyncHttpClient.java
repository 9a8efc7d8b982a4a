// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.call.Sending;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.async.SdkAsyncHttpResponseHandler;
import software.amazon.awssdk.http.async.SdkHttpContentPublisher;

/**
 * An asynchronous HTTP client that sees, for each attempt of a metered call, whether its body began
 * to leave and with what status it was answered. Everything else passes through. Thread-safe.
 */
public final class InstrumentedAsyncHttpClient implements SdkAsyncHttpClient {
  /*
   * An HTTP client subscribes to the body when it has a connection and is about to write it, and
   * not before. The call's sending comes with the request's HTTP attributes, since attempts are made
   * on threads of the SDK's own.
   */
  private final SdkAsyncHttpClient delegate;

  /** Instruments a client; closing this one closes it. */
  public InstrumentedAsyncHttpClient(SdkAsyncHttpClient delegate) {
    SdkCheck.check();
    this.delegate = delegate;
  }

  @Override
  public CompletableFuture<Void> execute(AsyncExecuteRequest request) {
    Sending sending = SendingAttribute.of(request.httpExecutionAttributes());
    if (sending == null) {
      return delegate.execute(request);
    }
    Sending.Attempt attempt = sending.begin();
    return delegate.execute(
        AsyncExecuteRequest.builder()
            .request(request.request())
            .requestContentPublisher(new SeenBody(request, attempt))
            .responseHandler(new SeenResponse(request.responseHandler(), attempt))
            .fullDuplex(request.fullDuplex())
            .metricCollector(request.metricCollector().orElse(null))
            .httpExecutionAttributes(request.httpExecutionAttributes())
            .build());
  }

  @Override
  public String clientName() {
    return delegate.clientName();
  }

  @Override
  public void close() {
    delegate.close();
  }

  /** A body the subscription to which is seen. */
  private record SeenBody(AsyncExecuteRequest request, Sending.Attempt attempt)
      implements SdkHttpContentPublisher {
    @Override
    public Optional<Long> contentLength() {
      return request.requestContentPublisher().contentLength();
    }

    @Override
    public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
      if (attempt.leaves(CalledModel.of(request.request()))) {
        request.requestContentPublisher().subscribe(subscriber);
      } else {
        subscriber.onSubscribe(IdleSubscription.INSTANCE);
        subscriber.onError(new CancellationException("the call has ended"));
      }
    }
  }

  /** A response whose status is seen. */
  private record SeenResponse(SdkAsyncHttpResponseHandler delegate, Sending.Attempt attempt)
      implements SdkAsyncHttpResponseHandler {
    @Override
    public void onHeaders(SdkHttpResponse headers) {
      attempt.answered(headers.statusCode());
      delegate.onHeaders(headers);
    }

    @Override
    public void onStream(Publisher<ByteBuffer> body) {
      delegate.onStream(body);
    }

    @Override
    public void onError(Throwable failure) {
      delegate.onError(failure);
    }
  }
}
