// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.reactivestreams.Publisher;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** Loses replies, or keeps them back, after the server has done what was asked. Thread-safe. */
final class FaultyNetwork implements ExecutionInterceptor {
  private volatile Predicate<SdkRequest> lost = request -> false;
  private volatile CompletableFuture<Void> delivery = CompletableFuture.completedFuture(null);

  static boolean isWrite(SdkRequest request) {
    return request instanceof UpdateItemRequest || request instanceof TransactWriteItemsRequest;
  }

  /** From now on, loses the reply to each request of which {@code lost} says so. */
  void lose(Predicate<SdkRequest> lost) {
    this.lost = lost;
  }

  /** From now on, keeps replies back until {@link #deliver}. */
  void keepBack() {
    delivery = new CompletableFuture<>();
  }

  void deliver() {
    delivery.complete(null);
  }

  @Override
  public SdkHttpResponse modifyHttpResponse(
      Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
    return lost.test(context.request())
        ? context.httpResponse().toBuilder().statusCode(502).build()
        : context.httpResponse();
  }

  @Override
  public Optional<Publisher<ByteBuffer>> modifyAsyncHttpResponseContent(
      Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
    CompletableFuture<Void> delivered = delivery;
    return context
        .responsePublisher()
        .map(content -> reader -> delivered.thenRun(() -> content.subscribe(reader)));
  }
}
