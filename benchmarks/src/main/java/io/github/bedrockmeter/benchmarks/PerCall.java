// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.testkit.CannedBedrock;
import io.opentelemetry.instrumentation.awssdk.v2_2.AwsSdkTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.io.PrintStream;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;

/**
 * What a Converse call takes more because it is metered: over a client that answers at once, and in
 * the SDK's pipeline, where OpenTelemetry's instrumentation is beside it. Stateless.
 */
final class PerCall {
  private PerCall() {}

  static void measure(int rounds, PrintStream out) {
    ConverseRequest request = Subject.request();
    ConverseRequest tagged =
        request.toBuilder()
            .overrideConfiguration(BedrockMeter.tags("application", "chat", "costCenter", "42"))
            .build();
    overConstant(rounds, request, tagged, new Lines(out));
    inPipeline(rounds, request, tagged, new Lines(out));
  }

  private static void overConstant(
      int rounds, ConverseRequest request, ConverseRequest tagged, Lines lines) {
    BedrockRuntimeClient constant = Subject.constant(CannedBedrock.client().converse(request));
    BedrockRuntimeClient bare = Subject.meter(false).wrap(constant);
    BedrockRuntimeClient stamping = Subject.meter(true).wrap(constant);
    Turns turns =
        new Turns()
            .with("plain", () -> constant.converse(request))
            .with("metered", () -> bare.converse(request))
            .with("tags", () -> bare.converse(tagged))
            .with("id", () -> stamping.converse(request))
            .with("stamped", () -> stamping.converse(tagged))
            .take(20 * rounds, 1_000);
    lines.add("a client that answers at once: bytes", "%,.0f", "800", turns.bytes("metered"));
    lines.add("the same: time", "%,.0f ns", "700 ns", turns.nanosMore("metered", "plain"));
    lines.add(
        "two tags that are not stamped: bytes more",
        "%,.0f",
        "100",
        turns.bytes("tags") - turns.bytes("metered"));
    lines.add(
        "the call's id in its request: bytes more",
        "%,.0f",
        "-",
        turns.bytes("id") - turns.bytes("metered"));
    lines.add(
        "the id and two tags in its request: bytes more",
        "%,.0f",
        "2,000",
        turns.bytes("stamped") - turns.bytes("tags"));
  }

  private static void inPipeline(
      int rounds, ConverseRequest request, ConverseRequest tagged, Lines lines) {
    BedrockRuntimeClient plain = CannedBedrock.client();
    BedrockRuntimeClient bare = Subject.meter(false).wrap(plain);
    BedrockRuntimeClient stamping = Subject.meter(true).wrap(plain);
    BedrockRuntimeClient built =
        Subject.meter(false).wrap(CannedBedrock.clientBuilder(), CannedBedrock.httpClientBuilder());
    BedrockRuntimeClient traced = traced();
    Turns turns =
        new Turns()
            .with("plain", () -> plain.converse(request))
            .with("tagged", () -> plain.converse(tagged))
            .with("metered", () -> bare.converse(request))
            .with("stamped", () -> stamping.converse(tagged))
            .with("built", () -> built.converse(request))
            .with("traced", () -> traced.converse(request))
            .take(20 * rounds, 100);
    double plainBytes = turns.bytes("plain");
    lines.add("a plain call in the SDK's pipeline: bytes", "%,.0f", "-", plainBytes);
    lines.add(
        "a wrapped client in it: bytes more",
        "%,.0f",
        "1,000",
        turns.bytes("metered") - plainBytes);
    lines.add(
        "a client built through the meter: bytes more",
        "%,.0f",
        "2,000",
        turns.bytes("built") - plainBytes);
    lines.add(
        "the id and two tags stamped: bytes more than the plain call with the tags",
        "%,.0f",
        "-",
        turns.bytes("stamped") - turns.bytes("tagged"));
    lines.add(
        "OpenTelemetry's instrumentation in it: bytes more",
        "%,.0f",
        "-",
        turns.bytes("traced") - plainBytes);
    double own = turns.nanosMore("metered", "plain");
    double others = turns.nanosMore("traced", "plain");
    lines.add(
        "time more in the pipeline, beside OpenTelemetry's",
        "%,.0f ns beside %,.0f, %.2f times",
        "0.05 times",
        own,
        others,
        own / others);
  }

  /** The same client with spans that are made and not exported. */
  private static BedrockRuntimeClient traced() {
    OpenTelemetrySdk telemetry =
        OpenTelemetrySdk.builder().setTracerProvider(SdkTracerProvider.builder().build()).build();
    return CannedBedrock.clientBuilder()
        .httpClientBuilder(CannedBedrock.httpClientBuilder())
        .overrideConfiguration(
            settings ->
                settings.addExecutionInterceptor(
                    AwsSdkTelemetry.create(telemetry).createExecutionInterceptor()))
        .build();
  }
}
