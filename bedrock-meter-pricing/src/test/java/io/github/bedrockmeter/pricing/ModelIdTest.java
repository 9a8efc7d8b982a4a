// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.pricing.ModelId.Kind;
import org.junit.jupiter.api.Test;

class ModelIdTest {
  private static final String ACCOUNT = "arn:aws:bedrock:eu-west-1:123456789012:";

  private final PriceCatalog prices = PriceCatalog.bundled();

  @Test
  void aBareIdStaysInItsRegion() {
    assertThat(prices.identify("anthropic.claude-sonnet-4-6"))
        .isEqualTo(model("anthropic.claude-sonnet-4-6", Scope.IN_REGION, null));
  }

  @Test
  void aProfilePrefixIsAScope() {
    assertThat(prices.identify("us-gov.anthropic.claude-opus-4-8"))
        .isEqualTo(model("anthropic.claude-opus-4-8", Scope.GEO, null));
    assertThat(prices.identify("global.anthropic.claude-opus-4-8"))
        .isEqualTo(model("anthropic.claude-opus-4-8", Scope.GLOBAL, null));
  }

  @Test
  void aDotOfTheModelsOwnIsNoPrefix() {
    for (String id : new String[] {"deepseek.v3.2", "zai.glm-4.7-flash", "xai.grok-4.3"}) {
      assertThat(prices.identify(id)).isEqualTo(model(id, Scope.IN_REGION, null));
      assertThat(prices.identify("eu." + id)).isEqualTo(model(id, Scope.GEO, null));
    }
  }

  @Test
  void aPrefixNobodyHasSeenYetIsGeographicIfAKnownProviderFollows() {
    assertThat(prices.identify("kr.anthropic.claude-sonnet-4-6").scope()).isEqualTo(Scope.GEO);
    assertThat(prices.identify("acme.unknown.model").scope()).isEqualTo(Scope.IN_REGION);
  }

  @Test
  void aFoundationModelsArnIsItsModel() {
    assertThat(prices.identify("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0"))
        .isEqualTo(model("amazon.nova-pro-v1:0", Scope.IN_REGION, "us-east-1"));
    assertThat(
            prices
                .identify(
                    "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-pro-v1:0")
                .region())
        .isEqualTo("us-gov-west-1");
  }

  @Test
  void aFoundationModelsArnWithoutARegionIsGlobal() {
    assertThat(prices.identify("arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-6"))
        .isEqualTo(model("anthropic.claude-sonnet-4-6", Scope.GLOBAL, null));
  }

  @Test
  void aSystemProfilesArnIsItsProfile() {
    assertThat(prices.identify(ACCOUNT + "inference-profile/eu.anthropic.claude-sonnet-4-6"))
        .isEqualTo(model("anthropic.claude-sonnet-4-6", Scope.GEO, "eu-west-1"));
  }

  @Test
  void everyOtherArnIsOfItsKind() {
    assertThat(kind("application-inference-profile/abcdefghijkl"))
        .isEqualTo(Kind.APPLICATION_PROFILE);
    assertThat(kind("provisioned-model/abcdefghijkl")).isEqualTo(Kind.PROVISIONED);
    assertThat(kind("custom-model/amazon.nova-lite-v1:0:300k/abcdefghijkl"))
        .isEqualTo(Kind.CUSTOM_MODEL);
    assertThat(kind("custom-model/imported/abcdefghijkl")).isEqualTo(Kind.IMPORTED);
    assertThat(kind("custom-model-deployment/abcdefghijkl")).isEqualTo(Kind.CUSTOM_DEPLOYMENT);
    assertThat(kind("imported-model/abcdefghijkl")).isEqualTo(Kind.IMPORTED);
    assertThat(kind("prompt/ABCDEFGHIJ:1")).isEqualTo(Kind.PROMPT);
    assertThat(kind("prompt-router/abcdefghijkl")).isEqualTo(Kind.PROMPT_ROUTER);
    assertThat(kind("default-prompt-router/anthropic.claude:1")).isEqualTo(Kind.PROMPT_ROUTER);
    assertThat(kind("guardrail/abcdefghijkl")).isEqualTo(Kind.GUARDRAIL);
    assertThat(kind("async-invoke/abcdefghijkl")).isEqualTo(Kind.OTHER);
    assertThat(prices.identify("arn:aws:sagemaker:us-east-1:123456789012:endpoint/mine").kind())
        .isEqualTo(Kind.MARKETPLACE_ENDPOINT);
    assertThat(prices.identify("arn:broken").kind()).isEqualTo(Kind.OTHER);
  }

  @Test
  void aCustomModelsArnTellsItsBase() {
    assertThat(
            prices
                .identify(ACCOUNT + "custom-model/amazon.nova-lite-v1:0:300k/abcdefghijkl")
                .name())
        .isEqualTo("amazon.nova-lite-v1:0");
  }

  @Test
  void anEncodedIdIsDecoded() {
    assertThat(prices.identify("anthropic.claude-3-haiku-20240307-v1%3A0").name())
        .isEqualTo("anthropic.claude-3-haiku-20240307-v1:0");
    assertThat(
            prices
                .identify(
                    "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc")
                .kind())
        .isEqualTo(Kind.APPLICATION_PROFILE);
    assertThat(prices.identify("100%-sure").name()).isEqualTo("100%-sure");
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

        assertThat(prices.identify(once.name()).name()).isEqualTo(once.name()).isEqualTo(model);
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
  void aNameIsNeverMatchedByItsBeginning() {
    assertThat(prices.modelOf("minimax.minimax-m2.4")).isEmpty();
    assertThat(prices.modelOf("anthropic.claude-fable-5-2")).isEmpty();
    assertThat(prices.modelOf("anthropic.claude-sonnet-4-6-turbo")).isEmpty();
  }

  private Kind kind(String resource) {
    return prices.identify(ACCOUNT + resource).kind();
  }

  private static ModelId model(
      String name, Scope scope, @org.jspecify.annotations.Nullable String region) {
    return new ModelId(Kind.MODEL, name, scope, region);
  }
}
