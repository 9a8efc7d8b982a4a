// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import io.github.bedrockmeter.internal.text.Log;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.TokenUsage;

/** Looks, before the first client is metered, whether the AWS SDK is one that works. Stateless. */
final class SdkCheck {
  private static final Log log = Log.to(LoggerFactory.getLogger(SdkCheck.class));
  private static volatile boolean checked;

  private SdkCheck() {}

  /**
   * Checks, once, the SDK that is there; a mixture of versions is logged.
   *
   * @throws IllegalStateException if it is older than the oldest that this library works with
   */
  static void check() {
    if (!checked) {
      SdkVersions versions = found();
      versions.requireOldest();
      if (versions.isMixed()) {
        log.warn(
            "AWS SDK for Java: sdk-core {} is older than bedrockruntime {}, and may lack what it"
                + " calls. {}",
            versions.core(),
            versions.runtime(),
            SdkVersions.REMEDY.formatted(SdkVersions.TESTED));
      }
      checked = true;
    }
  }

  /*
   * The constants are read by reflection, for the compiler would copy their values into this class.
   * The jars' own pom.properties would not do: a jar that contains a relocated SDK has them too.
   */
  static SdkVersions found() {
    return new SdkVersions(
        constant("software.amazon.awssdk.core.util.VersionInfo", "SDK_VERSION"),
        constant(
            "software.amazon.awssdk.services.bedrockruntime.internal.ServiceVersionInfo",
            "VERSION"),
        linksNewestMember());
  }

  private static @Nullable String constant(String type, String field) {
    try {
      ClassLoader loader = BedrockRuntimeClient.class.getClassLoader();
      return (String) Class.forName(type, false, loader).getField(field).get(null);
    } catch (ReflectiveOperationException | LinkageError | ClassCastException unknown) {
      return null;
    }
  }

  /** The SDK that has it has all else that is called here. */
  private static boolean linksNewestMember() {
    try {
      return TokenUsage.builder().build().cacheDetails() != null;
    } catch (LinkageError missing) {
      return false;
    }
  }
}
