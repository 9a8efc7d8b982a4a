// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.call;

import io.github.bedrockmeter.event.UsageEvent.AttemptFacts;
import io.github.bedrockmeter.event.UsageEvent.Sent;
import io.github.bedrockmeter.internal.request.RequestFacts;
import io.github.bedrockmeter.internal.support.Failures;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OutageLog;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.metrics.CoreMetric;
import software.amazon.awssdk.http.HttpMetric;
import software.amazon.awssdk.metrics.MetricCollection;
import software.amazon.awssdk.metrics.MetricPublisher;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithBidirectionalStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelWithResponseStreamRequest;

/**
 * Counts the attempts that the SDK makes at one call, from the metrics it keeps of them. Filled in
 * before the call's answer is handed over. Thread-safe.
 */
final class Attempts implements MetricPublisher, Sight {
  /*
   * The SDK does not report an attempt that failed if a later one succeeds, but one that timed out
   * after it was sent may have been billed. Its metrics show it. To keep them costs the SDK some
   * kilobytes a call, so they are asked for only where attempts can time out: where the client or
   * the request has a timeout for attempts, or the meter is set to count in any case. Of a stream
   * the SDK publishes them after its end, too late to charge by them: there the attempts that began
   * to answer are seen by StreamWatch, and one that timed out before it did is not.
   */
  private static final Log log = Log.to(LoggerFactory.getLogger(Attempts.class));
  private static final OutageLog UNCOUNTED =
      new OutageLog(log, "The SDK's attempts at a call could not be counted");

  /** What the SDK writes of an attempt whose connection failed it. */
  private static final String NETWORK = "IO";

  /** The client that reports nothing of its connections if it got none. */
  private static final String NETTY = "NettyNio";

  private int made;
  private int unanswered;

  private final String callId;

  private Attempts(String callId) {
    this.callId = callId;
  }

  /**
   * Counts the attempts at a request; null if they cannot time out, or they are not asked for.
   *
   * @param callId the id of their call, for the log
   */
  static @Nullable Attempts at(
      BedrockRuntimeRequest request,
      @Nullable ClientOverrideConfiguration client,
      boolean always,
      String callId) {
    boolean streams =
        request instanceof ConverseStreamRequest
            || request instanceof InvokeModelWithResponseStreamRequest
            || request instanceof InvokeModelWithBidirectionalStreamRequest;
    AwsRequestOverrideConfiguration own = request.overrideConfiguration().orElse(null);
    boolean timesOut =
        always
            || (client != null && client.apiCallAttemptTimeout().isPresent())
            || (own != null && own.apiCallAttemptTimeout().isPresent());
    return timesOut && !streams ? new Attempts(callId) : null;
  }

  /** The request, with its metrics published to this and to all that received them before. */
  BedrockRuntimeRequest watch(
      BedrockRuntimeRequest request, @Nullable ClientOverrideConfiguration client) {
    AwsRequestOverrideConfiguration.Builder settings = RequestFacts.settings(request);
    List<MetricPublisher> before = settings.metricPublishers();
    if ((before == null || before.isEmpty()) && client != null) {
      // The request's publishers take the place of the client's.
      client.metricPublishers().forEach(settings::addMetricPublisher);
    }
    BedrockRuntimeRequest.Builder builder = request.toBuilder();
    return (BedrockRuntimeRequest)
        builder.overrideConfiguration(settings.addMetricPublisher(this).build()).build();
  }

  @Override
  public void publish(MetricCollection call) {
    try {
      count(call);
    } catch (RuntimeException failure) {
      UNCOUNTED.failed("call " + callId, failure);
    }
  }

  private synchronized void count(MetricCollection call) {
    made = call.children().size();
    unanswered = 0;
    // The last attempt's outcome is the call's own, and is settled as that.
    for (MetricCollection attempt : call.children().subList(0, Math.max(0, made - 1))) {
      if (mayHaveBeenBilled(attempt)) {
        unanswered++;
      }
    }
  }

  /**
   * Whether an attempt that failed may have been billed: it was not answered, or its answer broke
   * off. An attempt that never got a connection was not billed, but only Netty's client reports
   * that.
   */
  private static boolean mayHaveBeenBilled(MetricCollection attempt) {
    List<Integer> status = attempt.metricValues(HttpMetric.HTTP_STATUS_CODE);
    if (!status.isEmpty()) {
      return status.get(0) < 400;
    }
    return !(attempt.metricValues(CoreMetric.ERROR_TYPE).contains(NETWORK)
        && attempt.children().stream().allMatch(Attempts::neverConnected));
  }

  private static boolean neverConnected(MetricCollection http) {
    return http.metricValues(HttpMetric.HTTP_CLIENT_NAME).contains(NETTY)
        && http.metricValues(HttpMetric.MAX_CONCURRENCY).isEmpty();
  }

  @Override
  public Sent sent() {
    return Sent.INFERRED;
  }

  /** How many there were; null if the SDK reported nothing. */
  @Override
  public synchronized @Nullable AttemptFacts facts(boolean streams) {
    return made == 0 ? null : new AttemptFacts(made, unanswered);
  }

  @Override
  public synchronized int billed(Throwable failure) {
    if (made == 0) {
      return NONE.billed(failure);
    }
    // The metrics of most HTTP clients do not show whether a server refused or was silent.
    int earlier = Math.min(unanswered, Failures.earlierBilled(failure));
    return earlier + (Failures.lastMayHaveBeenBilled(failure) ? 1 : 0);
  }

  @Override
  public void close() {}
}
