// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.oldsdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.attach.Attach;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.event.MeterListener;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClientBuilder;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClientBuilder;

/**
 * An application whose framework pins an AWS SDK that is too old. The SDK of this module is a real
 * one; core is what was compiled against the newest.
 */
class OldSdkTest {
  private static final String OLD = System.getProperty("bedrockmeter.oldSdk");

  private static BedrockMeter meter() {
    return BedrockMeter.builder()
        .budget(
            Budget.named("daily")
                .limit(Amount.usd("25.00"))
                .window(Window.daily(ZoneOffset.UTC))
                .build())
        .listener(MeterListener.logging())
        .build();
  }

  private static BedrockRuntimeClientBuilder client() {
    return BedrockRuntimeClient.builder()
        .region(Region.US_EAST_1)
        .credentialsProvider(AnonymousCredentialsProvider.create());
  }

  private static BedrockRuntimeAsyncClientBuilder asyncClient() {
    return BedrockRuntimeAsyncClient.builder()
        .region(Region.US_EAST_1)
        .credentialsProvider(AnonymousCredentialsProvider.create());
  }

  @Test
  void theSdkOfThisModuleIsTheOldOne() {
    assertThat(OLD).isNotEqualTo("null");
    // Not the field itself, whose value the compiler would copy.
    assertThatCode(
            () -> assertThat(VersionInfo.class.getField("SDK_VERSION").get(null)).isEqualTo(OLD))
        .doesNotThrowAnyException();
  }

  @Test
  void theMeterItselfIsBuilt() {
    assertThatCode(() -> meter().close()).doesNotThrowAnyException();
  }

  /** The jar alone, without a meter, changes nothing. */
  @Test
  void aClientBesideTheJarIsBuiltAsBefore() {
    assertThatCode(() -> client().build().close()).doesNotThrowAnyException();
    assertThatCode(() -> asyncClient().build().close()).doesNotThrowAnyException();
  }

  @TestFactory
  Stream<DynamicTest> whatMetersAClientNamesTheSdkThatItFoundAndWhatMendsIt() {
    BedrockMeter meter = meter();
    Map<String, ThrowingCallable> ways = new LinkedHashMap<>();
    ways.put("wrap(client)", () -> meter.wrap(client().build()));
    ways.put("wrap(asyncClient)", () -> meter.wrap(asyncClient().build()));
    ways.put("wrap(builder)", () -> meter.wrap(client()));
    ways.put("wrap(asyncBuilder)", () -> meter.wrap(asyncClient()));
    ways.put("wrap(builder, http)", () -> meter.wrap(client(), ApacheHttpClient.builder()));
    ways.put(
        "wrap(asyncBuilder, http)",
        () -> meter.wrap(asyncClient(), NettyNioAsyncHttpClient.builder()));
    ways.put("instrument(http)", () -> meter.instrument(ApacheHttpClient.create()));
    ways.put("instrument(asyncHttp)", () -> meter.instrument(NettyNioAsyncHttpClient.create()));
    ways.put("interceptor()", meter::interceptor);
    ways.put("Attach.use", () -> Attach.use(meter));
    return ways.entrySet().stream()
        .map(
            way ->
                DynamicTest.dynamicTest(
                    way.getKey(),
                    () ->
                        assertThatThrownBy(way.getValue())
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageStartingWith("AWS SDK for Java " + OLD)
                            .hasMessageContaining("bedrock-meter needs 2.41.34 or newer")
                            .hasMessageContaining("<artifactId>bom</artifactId>")));
  }
}
