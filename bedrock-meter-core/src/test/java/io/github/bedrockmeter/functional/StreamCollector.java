// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.awscore.eventstream.EventStreamResponseHandler;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.ResponseStream;

/**
 * A handler that writes down every signal it gets, as words, and asks for one event at a time. It
 * can cancel or throw at an event of its choice.
 */
class StreamCollector<R, E> implements EventStreamResponseHandler<R, E> {
  final List<String> signals = new CopyOnWriteArrayList<>();
  final List<E> events = new CopyOnWriteArrayList<>();
  final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private int cancelAfter = Integer.MAX_VALUE;
  private int throwAfter = Integer.MAX_VALUE;
  private boolean subscribes = true;

  static final class Converse extends StreamCollector<ConverseStreamResponse, ConverseStreamOutput>
      implements ConverseStreamResponseHandler {}

  static final class Invoke
      extends StreamCollector<InvokeModelWithResponseStreamResponse, ResponseStream>
      implements InvokeModelWithResponseStreamResponseHandler {}

  static Converse converse() {
    return new Converse();
  }

  static Converse cancellingAfter(int events) {
    Converse collector = new Converse();
    ((StreamCollector<?, ?>) collector).cancelAfter = events;
    return collector;
  }

  static Converse throwingAfter(int events) {
    Converse collector = new Converse();
    ((StreamCollector<?, ?>) collector).throwAfter = events;
    return collector;
  }

  static Converse neverSubscribing() {
    Converse collector = new Converse();
    ((StreamCollector<?, ?>) collector).subscribes = false;
    return collector;
  }

  static Invoke invoke() {
    return new Invoke();
  }

  @Override
  public void responseReceived(R response) {
    signals.add("response");
  }

  @Override
  public void onEventStream(SdkPublisher<E> publisher) {
    signals.add("stream");
    if (!subscribes) {
      return;
    }
    publisher.subscribe(
        new Subscriber<E>() {
          private Subscription subscription;
          private int seen;

          @Override
          public void onSubscribe(Subscription subscription) {
            this.subscription = subscription;
            subscription.request(1);
          }

          @Override
          public void onNext(E event) {
            seen++;
            events.add(event);
            signals.add("event");
            if (seen >= throwAfter) {
              throw new IllegalStateException("the caller's own bug");
            }
            if (seen >= cancelAfter) {
              subscription.cancel();
            } else {
              subscription.request(1);
            }
          }

          @Override
          public void onError(Throwable failure) {
            signals.add("error");
          }

          @Override
          public void onComplete() {
            signals.add("end");
          }
        });
  }

  @Override
  public void exceptionOccurred(Throwable failure) {
    failures.add(failure);
    signals.add("exception");
  }

  @Override
  public void complete() {
    signals.add("complete");
  }
}
