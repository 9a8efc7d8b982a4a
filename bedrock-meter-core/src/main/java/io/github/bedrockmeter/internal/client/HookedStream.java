// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.call.AbandonedStreams;
import io.github.bedrockmeter.internal.call.Metering;
import io.github.bedrockmeter.internal.call.OpenCall;
import io.github.bedrockmeter.internal.reading.Readers;
import io.github.bedrockmeter.internal.reading.StreamReader;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;

/**
 * A streaming call that is metered by hooks: what its bytes say goes to a {@link StreamWatch}, as
 * the events of a wrapped client do. Thread-safe.
 *
 * @param <E> the SDK's event type
 */
final class HookedStream<E> {
  private final StreamWatch<E> watch;
  private final EventForms<E> forms;
  private final AtomicBoolean hasEnded = new AtomicBoolean();

  private HookedStream(
      OpenCall call,
      AbandonedStreams rule,
      Supplier<StreamReader<E>> readers,
      EventForms<E> forms) {
    // The SDK itself ends the caller's future when the caller leaves.
    this.watch = new StreamWatch<>(call, rule, readers, () -> {});
    this.forms = forms;
  }

  /** What a call streams; null if it does not stream. */
  static @Nullable HookedStream<?> of(OpenCall call, Metering metering) {
    BedrockRuntimeRequest request = call.asked().request();
    AbandonedStreams rule = metering.abandonedStreams(request);
    return switch (call.asked().operation()) {
      case CONVERSE_STREAM ->
          new HookedStream<>(
              call,
              rule,
              () -> Readers.converseStream(((ConverseStreamRequest) request).modelId()),
              EventForms.CONVERSE);
      case INVOKE_MODEL_WITH_RESPONSE_STREAM ->
          new HookedStream<>(
              call,
              rule,
              () -> Readers.invokeModelStream((InvokeModelWithResponseStreamRequest) request),
              EventForms.INVOKE_MODEL);
      case INVOKE_MODEL_WITH_BIDIRECTIONAL_STREAM ->
          new HookedStream<>(
              call,
              AbandonedStreams.HOLD_WORST_CASE,
              Readers::bidirectionalStream,
              EventForms.SESSION);
      default -> null;
    };
  }

  void responseReceived(SdkResponse response) {
    watch.responseReceived(response);
  }

  /**
   * The bytes of one attempt's answer, read along.
   *
   * @param kept what is to be reachable for as long as the bytes may flow
   * @param onEnded run when the bytes have ended the call, which no interceptor may be notified of
   */
  Publisher<ByteBuffer> tapped(
      Publisher<ByteBuffer> bytes, @Nullable Object kept, Runnable onEnded) {
    watch.attemptBegins();
    return new StreamBytes<>(
        bytes,
        new Frames<>(forms, watch::event),
        watch,
        failure -> {
          ended(failure);
          onEnded.run();
        },
        kept);
  }

  /** Whether the caller has left, and the stream is read on for its usage alone. */
  boolean isReadOn() {
    return watch.detached() && !hasEnded.get();
  }

  /** No attempt follows: settles the call, once. */
  void ended(@Nullable Throwable failure) {
    if (hasEnded.compareAndSet(false, true)) {
      watch.ended(failure);
    }
  }
}
