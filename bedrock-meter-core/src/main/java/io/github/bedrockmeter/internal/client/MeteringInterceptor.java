// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.call.CallOutcome;
import io.github.bedrockmeter.internal.call.Metering;
import io.github.bedrockmeter.internal.call.OpenCall;
import io.github.bedrockmeter.internal.call.Sending;
import io.github.bedrockmeter.internal.reading.Reading;
import io.github.bedrockmeter.internal.request.Asked;
import io.github.bedrockmeter.internal.request.MeteredMark;
import io.github.bedrockmeter.internal.request.Operation;
import io.github.bedrockmeter.internal.request.OwnAttribute;
import io.github.bedrockmeter.internal.request.RequestFacts;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.AwsExecutionAttribute;
import software.amazon.awssdk.core.ClientType;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;

/**
 * Meters the clients that it is set on, by the SDK's hooks: for clients that cannot be wrapped. A
 * request that a wrapped client sends is marked, and passes. Thread-safe; serves any number of
 * clients.
 */
public final class MeteringInterceptor implements ExecutionInterceptor {
  /*
   * A call is admitted in modifyRequest: on the caller's thread, where tags and scopes are; outside
   * the SDK's retries, so that a denial is thrown as it is; and where the request can still be
   * changed, for its stamp and for budgets that amend a call. The SDK notifies no interceptor of
   * what fails between this hook and the first attempt, nor of an asynchronous call that its caller
   * cancels: LostCalls finds these.
   *
   * Nothing but the denial may reach the SDK: every other hook is guarded.
   */
  private static final Log log = Log.to(LoggerFactory.getLogger(MeteringInterceptor.class));
  private static final OutageLog FAILED = new OutageLog(log, "A hook of a metered call failed");
  private static final ExecutionAttribute<LostCalls.Ticket> CALL =
      OwnAttribute.named("BedrockMeterCall");

  private final Metering metering;
  private final LostCalls lost = new LostCalls();
  private final HookedClients clients = new HookedClients();

  /**
   * An interceptor of a meter.
   *
   * @throws IllegalStateException if the AWS SDK is too old
   */
  public MeteringInterceptor(Metering metering) {
    SdkCheck.check();
    MeteredMark.interceptorsAreUsed();
    this.metering = metering;
  }

  @Override
  public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
    return context.request() instanceof BedrockRuntimeRequest request && !MeteredMark.isOn(request)
        ? admitted(request, attributes)
        : context.request();
  }

  private SdkRequest admitted(BedrockRuntimeRequest request, ExecutionAttributes attributes) {
    lost.sweep();
    String name = String.valueOf(attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME));
    Operation operation = Operation.ofAwsName(name);
    if (operation == null) {
      ClientProxy.notMetered(name);
      return request;
    }
    boolean isMetered = operation.kind() == Operation.Kind.METERED;
    String requestedModel = RequestFacts.modelId(operation, request);
    String model = requestedModel == null ? "" : requestedModel;
    if (model.isEmpty() && !isMetered) {
      return request;
    }
    Region region = attributes.getAttribute(AwsExecutionAttribute.AWS_REGION);
    Asked asked = metering.asked(operation, request, model, region == null ? null : region.id());
    if (model.isEmpty() && metering.bypass().until() == null) {
      throw metering.deniedWithoutModel(asked);
    }
    return isMetered ? open(asked, attributes) : asked.request();
  }

  private SdkRequest open(Asked asked, ExecutionAttributes attributes) {
    ClientOverrideConfiguration settings = clients.settings(attributes);
    long begin = System.nanoTime();
    OpenCall call = metering.admit(asked, settings);
    BedrockRuntimeRequest before = MeteredMark.handedOver();
    try {
      clients.warnIfSlow(attributes, call.call().id(), System.nanoTime() - begin);
      BedrockRuntimeRequest stamped = metering.toSend(call, settings, true);
      BedrockRuntimeRequest request = settings == null ? MeteredMark.on(stamped) : stamped;
      Sending sending = metering.sending(call, true);
      sending.expects(request);
      HookedCall hooked = new HookedCall(call, sending, HookedStream.of(call, metering));
      attributes.putAttribute(CALL, lost.watch(hooked));
      return request;
    } catch (Throwable failure) {
      FAILED.failed("call " + call.call().id() + ", which is charged at its estimate", failure);
      call.close(new CallOutcome.Truncated(), Reading.NOTHING, null, null);
      return call.asked().request();
    } finally {
      MeteredMark.returned(before);
    }
  }

  @Override
  public Optional<RequestBody> modifyHttpContent(
      Context.ModifyHttpRequest context, ExecutionAttributes attributes) {
    return guarded(
        attributes,
        context.requestBody(),
        ticket ->
            attributes.getAttribute(SdkExecutionAttribute.CLIENT_TYPE) == ClientType.SYNC
                ? context.requestBody().map(body -> SeenContent.of(body, ticket.call(), attributes))
                : context.requestBody());
  }

  @Override
  public void beforeTransmission(
      Context.BeforeTransmission context, ExecutionAttributes attributes) {
    guarded(
        attributes,
        call ->
            call.attempts()
                .begin(
                    context,
                    SeenContent.attemptsOfTheSdk(attributes),
                    SeenContent.isIn(context.requestBody(), call)));
  }

  @Override
  public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
    guarded(attributes, call -> call.attempts().answered(context.httpResponse().statusCode()));
  }

  @Override
  public void afterUnmarshalling(
      Context.AfterUnmarshalling context, ExecutionAttributes attributes) {
    guarded(attributes, call -> call.answeredWith(context.response()));
  }

  @Override
  public Optional<Publisher<ByteBuffer>> modifyAsyncHttpResponseContent(
      Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
    return guarded(attributes, context.responsePublisher(), ticket -> readAlong(context, ticket));
  }

  private Optional<Publisher<ByteBuffer>> readAlong(
      Context.ModifyHttpResponse context, LostCalls.Ticket ticket) {
    HookedStream<?> stream = ticket.call().stream();
    return stream == null || !context.httpResponse().isSuccessful() // the body of an error
        ? context.responsePublisher()
        : context
            .responsePublisher()
            .map(bytes -> stream.tapped(bytes, ticket, () -> lost.forget(ticket.call())));
  }

  @Override
  public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
    guarded(attributes, call -> call.completed(context.response(), context.httpResponse()));
    forget(attributes);
  }

  @Override
  public void onExecutionFailure(Context.FailedExecution context, ExecutionAttributes attributes) {
    guarded(attributes, call -> call.failed(context.exception()));
    forget(attributes);
  }

  private void forget(ExecutionAttributes attributes) {
    LostCalls.Ticket ticket = attributes.getAttribute(CALL);
    if (ticket != null && !ticket.call().isReadOn()) {
      lost.forget(ticket.call());
    }
  }

  /** What a hook makes for a call of ours; as it is, if that fails or it is no call of ours. */
  private static <T> T guarded(
      ExecutionAttributes attributes, T asItIs, Function<LostCalls.Ticket, T> hook) {
    LostCalls.Ticket ticket = attributes.getAttribute(CALL);
    if (ticket == null) {
      return asItIs;
    }
    try {
      return hook.apply(ticket);
    } catch (Throwable failure) {
      FAILED.failed("call " + ticket.call().id(), failure);
      return asItIs;
    }
  }

  /** Runs what a hook does for a call of ours; nothing of it reaches the SDK. */
  private static void guarded(ExecutionAttributes attributes, Consumer<HookedCall> hook) {
    guarded(
        attributes,
        true,
        ticket -> {
          hook.accept(ticket.call());
          return true;
        });
  }
}
