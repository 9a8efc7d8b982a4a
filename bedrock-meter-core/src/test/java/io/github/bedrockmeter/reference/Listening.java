// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;

/** A caller that wants every event, and leaves when one says so. */
final class Listening implements ConverseStreamResponseHandler, Subscriber<ConverseStreamOutput> {
  private @Nullable Subscription subscription;

  @Override
  public void responseReceived(ConverseStreamResponse response) {}

  @Override
  public void onEventStream(SdkPublisher<ConverseStreamOutput> publisher) {
    publisher.subscribe(this);
  }

  @Override
  public void exceptionOccurred(Throwable failure) {}

  @Override
  public void complete() {}

  @Override
  public void onSubscribe(Subscription subscription) {
    this.subscription = subscription;
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(ConverseStreamOutput event) {
    if (event.equals(Clients.LEAVE) && subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public void onError(Throwable failure) {}

  @Override
  public void onComplete() {}
}
