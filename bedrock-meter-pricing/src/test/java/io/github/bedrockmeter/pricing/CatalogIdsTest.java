// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.usage.ModelId;
import io.github.bedrockmeter.usage.ModelId.Kind;
import org.junit.jupiter.api.Test;

/** What the catalogue takes an id for; {@code ModelId} has a test of its own. */
class CatalogIdsTest {
  private static final String ACCOUNT = "arn:aws:bedrock:eu-west-1:123456789012:";

  private final PriceCatalog prices = PriceCatalog.bundled();

  @Test
  void aBareIdStaysInItsRegion() {
    assertRead("anthropic.claude-sonnet-4-6", "anthropic.claude-sonnet-4-6", PriceScope.IN_REGION);
  }

  @Test
  void aProfilePrefixIsAScope() {
    assertRead("us-gov.anthropic.claude-opus-4-8", "anthropic.claude-opus-4-8", PriceScope.GEO);
    assertRead("global.anthropic.claude-opus-4-8", "anthropic.claude-opus-4-8", PriceScope.GLOBAL);
  }

  @Test
  void aDotOfTheModelsOwnIsNoPrefix() {
    for (String id : new String[] {"deepseek.v3.2", "zai.glm-4.7-flash", "xai.grok-4.3"}) {
      assertRead(id, id, PriceScope.IN_REGION);
      assertRead("eu." + id, id, PriceScope.GEO);
    }
  }

  @Test
  void aNewPrefixIsGeographicIfAKnownProviderFollows() {
    assertThat(prices.scopeOf("kr.anthropic.claude-sonnet-4-6")).isEqualTo(PriceScope.GEO);
    assertThat(prices.scopeOf("acme.unknown.model")).isEqualTo(PriceScope.IN_REGION);
  }

  @Test
  void aFoundationModelsArnIsItsModel() {
    String arn = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0";

    assertRead(arn, "amazon.nova-pro-v1:0", PriceScope.IN_REGION);
    assertThat(prices.identify(arn).region()).isEqualTo("us-east-1");
  }

  @Test
  void aFoundationModelsArnWithoutARegionIsGlobal() {
    assertRead(
        "arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-6",
        "anthropic.claude-sonnet-4-6",
        PriceScope.GLOBAL);
  }

  @Test
  void aSystemProfilesArnIsItsProfile() {
    assertRead(
        ACCOUNT + "inference-profile/eu.anthropic.claude-sonnet-4-6",
        "anthropic.claude-sonnet-4-6",
        PriceScope.GEO);
  }

  private void assertRead(String id, String baseId, PriceScope scope) {
    ModelId read = prices.identify(id);

    assertThat(read.kind()).isEqualTo(Kind.MODEL);
    assertThat(read.baseId()).isEqualTo(baseId);
    assertThat(prices.scopeOf(id)).isEqualTo(scope);
  }

  @Test
  void aContextSuffixIsNotPartOfTheModel() {
    assertThat(prices.modelOf("anthropic.claude-v2:0:18k")).contains("anthropic.claude-v2");
    assertThat(prices.modelOf("anthropic.claude-v2:1:200k")).contains("anthropic.claude-v2:1");
    assertThat(prices.modelOf("cohere.command-text-v14:7:4k")).contains("cohere.command-text-v14");
    assertThat(prices.modelOf("cohere.embed-english-v3:0:512")).contains("cohere.embed-english-v3");
    assertThat(prices.modelOf("amazon.nova-pro-v1:0:300k")).contains("amazon.nova-pro-v1:0");
    assertThat(prices.modelOf("amazon.titan-embed-image-v1:0:mm"))
        .contains("amazon.titan-embed-image-v1");
  }

  @Test
  void readingTwiceIsReadingOnce() {
    for (String model : prices.models()) {
      if (model.indexOf('.') < 0) {
        continue;
      }
      for (String prefix : new String[] {"", "us.", "global.", "apac."}) {
        ModelId once = prices.identify(prefix + model);

        assertThat(prices.identify(once.baseId()).baseId())
            .isEqualTo(once.baseId())
            .isEqualTo(model);
      }
    }
  }

  @Test
  void aProfilePrefixNeverChangesTheModel() {
    for (String model : prices.models()) {
      if (model.indexOf('.') > 0) {
        for (String prefix : new String[] {"us.", "eu.", "apac.", "jp.", "au.", "in.", "global."}) {
          assertThat(prices.modelOf(prefix + model)).as(prefix + model).contains(model);
        }
      }
    }
  }

  @Test
  void aNameIsNeverMatchedByItsPrefix() {
    assertThat(prices.modelOf("minimax.minimax-m2.4")).isEmpty();
    assertThat(prices.modelOf("anthropic.claude-fable-5-2")).isEmpty();
    assertThat(prices.modelOf("anthropic.claude-sonnet-4-6-turbo")).isEmpty();
  }
}
