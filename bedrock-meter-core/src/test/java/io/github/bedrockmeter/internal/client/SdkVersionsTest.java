// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Versions of the AWS SDK in one JVM. {@code tests/old-sdk} has real old ones. */
class SdkVersionsTest {

  private static SdkVersions versions(@Nullable String core, @Nullable String runtime) {
    return new SdkVersions(core, runtime, true);
  }

  @Test
  void theSdkOfThisBuildIsFoundAndGoodEnough() {
    SdkVersions found = SdkCheck.found();

    assertThat(found.core()).matches("2\\.\\d+\\.\\d+");
    assertThat(found.runtime()).matches("2\\.\\d+\\.(\\d+|x)");
    assertThat(found.hasNewestMember()).isTrue();
    assertThat(found.isMixed()).isFalse();
    assertThatCode(found::requireOldest).doesNotThrowAnyException();
    assertThatCode(SdkCheck::check).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "2.41.33,2.41.x",
    "2.36.3,2.36.x",
    "2.36.3,2.57.x",
    "2.57.8,2.36.x",
    "1.99.99,2.57.x"
  })
  void anSdkThatIsTooOldInAnyPartIsNamedWithWhatMendsIt(String core, String runtime) {
    assertThatThrownBy(versions(core, runtime)::requireOldest)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("AWS SDK for Java " + core)
        .hasMessageContaining(runtime)
        .hasMessageContaining("bedrock-meter needs 2.41.34 or newer")
        .hasMessageContaining(
            "<dependency><groupId>software.amazon.awssdk</groupId><artifactId>bom</artifactId>"
                + "<version>2.57.8</version><type>pom</type><scope>import</scope></dependency>")
        .hasMessageContaining("platform(\"software.amazon.awssdk:bom:2.57.8\")");
  }

  @Test
  void anSdkOfUnknownVersionIsJudgedByWhatItHas() {
    assertThatCode(versions(null, null)::requireOldest).doesNotThrowAnyException();
    assertThatCode(versions("2.x-of-our-own", "2.x")::requireOldest).doesNotThrowAnyException();
    assertThatThrownBy(new SdkVersions(null, null, false)::requireOldest)
        .hasMessageStartingWith("AWS SDK for Java of an unknown version found;");
  }

  @ParameterizedTest
  @CsvSource({
    "2.41.34,2.41.x",
    "2.41.35-PREVIEW,2.41.x",
    "2.57.8,2.57.x",
    "2.100.0,2.100.x",
    "3.0.0,3.0.x"
  })
  void anSdkThatIsNewEnoughPasses(String core, String runtime) {
    assertThatCode(versions(core, runtime)::requireOldest).doesNotThrowAnyException();
    assertThat(versions(core, runtime).isMixed()).isFalse();
  }

  /** An older client on a newer core works: the SDK keeps what its clients call. */
  @ParameterizedTest
  @CsvSource({
    "2.54.14,2.57.x,true",
    "2.57.8,2.54.x,false",
    "2.57.8,2.57.x,false",
    "2.57.0,2.57.x,false"
  })
  void aClientNewerThanItsCoreIsAMixture(String core, String runtime, boolean mixed) {
    assertThat(versions(core, runtime).isMixed()).isEqualTo(mixed);
  }

  @Test
  void theVersionsAreThoseOfTheBuildAndOfTheReadme() throws Exception {
    Path root = Path.of(System.getProperty("basedir", ".")).resolve("..");

    assertThat(Files.readString(root.resolve("pom.xml")))
        .contains("<aws.version>" + SdkVersions.TESTED + "</aws.version>");
    assertThat(Files.readString(root.resolve("README.md")))
        .contains("AWS SDK for Java " + SdkVersions.OLDEST + " or newer")
        .contains("<version>" + SdkVersions.TESTED + "</version>");
    assertThat(Files.readString(root.resolve("docs/compatibility.md")))
        .contains(SdkVersions.OLDEST)
        .contains(SdkVersions.TESTED);
  }
}
