// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.eventstream.EventStreamAsyncResponseTransformer;
import software.amazon.awssdk.awscore.eventstream.EventStreamResponseHandler;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * Reads the events in the bytes of one attempt's answer, by the SDK's own decoder. Confined to the
 * stream's thread, but for {@link #reportedAnError}. Never throws.
 *
 * @param <E> the SDK's event type
 */
final class Frames<E> implements EventStreamResponseHandler<Object, E> {
  /*
   * The SDK's decoder has another package in each line of the SDK, so it is used through the class
   * that the SDK's own clients use it through.
   */
  private static final Log log = Log.to(LoggerFactory.getLogger(Frames.class));
  private static final OutageLog UNREAD =
      new OutageLog(log, "The bytes of a stream could not be read, and its estimate is charged");

  private final Consumer<E> events;
  private @Nullable Subscriber<? super ByteBuffer> decoder;
  private volatile boolean reportedAnError;

  /**
   * Frames of an attempt.
   *
   * @param events what is done with each event; must not throw
   */
  Frames(EventForms<E> forms, Consumer<E> events) {
    this.events = events;
    EventStreamAsyncResponseTransformer<Object, E> transformer =
        EventStreamAsyncResponseTransformer.<Object, E>builder()
            .eventStreamResponseHandler(this)
            .initialResponseHandler((response, attributes) -> response)
            .eventResponseHandler(forms.handler())
            .exceptionResponseHandler(
                (response, attributes) -> {
                  reportedAnError = true;
                  return SdkClientException.create("the stream reported an error");
                })
            .future(new CompletableFuture<>())
            .serviceName("bedrockruntime")
            .build();
    transformer.prepare();
    transformer.onStream(
        SdkPublisher.adapt(
            subscriber -> {
              decoder = subscriber;
              subscriber.onSubscribe(IdleSubscription.INSTANCE);
            }));
  }

  /** Whether the stream reported an error, after which the SDK fails, or starts it again. */
  boolean reportedAnError() {
    return reportedAnError;
  }

  /** Reads along; the buffer stays as it is. */
  void read(ByteBuffer bytes) {
    Subscriber<? super ByteBuffer> reading = decoder;
    if (reading != null) {
      try {
        reading.onNext(bytes.asReadOnlyBuffer());
      } catch (Throwable failure) {
        broken(failure);
      }
    }
  }

  private void broken(Throwable failure) {
    decoder = null;
    if (!reportedAnError) {
      UNREAD.failed("it is not an event stream", failure);
    }
  }

  @Override
  public void onEventStream(SdkPublisher<E> publisher) {
    publisher.subscribe(new Reading());
  }

  @Override
  public void responseReceived(Object response) {}

  @Override
  public void exceptionOccurred(Throwable failure) {}

  @Override
  public void complete() {}

  private final class Reading implements Subscriber<E> {
    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(E event) {
      events.accept(event);
    }

    @Override
    public void onError(Throwable failure) {
      broken(failure);
    }

    @Override
    public void onComplete() {}
  }
}
