// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.usage.ModelId.Kind;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelIdTest {
  private static final String ACCOUNT = "arn:aws:bedrock:eu-west-1:123456789012:";

  @ParameterizedTest
  @CsvSource({
    // id, geography, provider, base id
    "anthropic.claude-sonnet-4-6, , anthropic, anthropic.claude-sonnet-4-6",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0, us, anthropic,"
        + " anthropic.claude-sonnet-4-5-20250929-v1:0",
    "eu.anthropic.claude-sonnet-4-6, eu, anthropic, anthropic.claude-sonnet-4-6",
    "apac.amazon.nova-lite-v1:0, apac, amazon, amazon.nova-lite-v1:0",
    "jp.anthropic.claude-sonnet-4-6, jp, anthropic, anthropic.claude-sonnet-4-6",
    "au.anthropic.claude-sonnet-4-6, au, anthropic, anthropic.claude-sonnet-4-6",
    "ca.amazon.nova-lite-v1:0, ca, amazon, amazon.nova-lite-v1:0",
    "us-gov.anthropic.claude-opus-4-8, us-gov, anthropic, anthropic.claude-opus-4-8",
    "global.anthropic.claude-opus-4-8, global, anthropic, anthropic.claude-opus-4-8",
    // a new maker behind a known geography
    "us.acme.model-v1:0, us, acme, acme.model-v1:0",
    // a new geography before a known maker
    "kr.anthropic.claude-sonnet-4-6, kr, anthropic, anthropic.claude-sonnet-4-6",
    "eu-sov.amazon.nova-lite-v1:0, eu-sov, amazon, amazon.nova-lite-v1:0",
    // dots of the model's own
    "deepseek.v3.2, , deepseek, deepseek.v3.2",
    "us.deepseek.v3.2, us, deepseek, deepseek.v3.2",
    "zai.glm-4.7-flash, , zai, zai.glm-4.7-flash",
    "eu.xai.grok-4.3, eu, xai, xai.grok-4.3",
    "openai.gpt-5.6-sol, , openai, openai.gpt-5.6-sol",
    "acme.unknown.model, , acme, acme.unknown.model",
    "amazon.anthropic.model, , amazon, amazon.anthropic.model",
    "corporate.anthropic.claude-v2, , corporate, corporate.anthropic.claude-v2",
    "k8.anthropic.claude-v2, , k8, k8.anthropic.claude-v2",
    // context windows
    "anthropic.claude-v2:0:18k, , anthropic, anthropic.claude-v2:0",
    "anthropic.claude-v2:1:200k, , anthropic, anthropic.claude-v2:1",
    "amazon.nova-pro-v1:0:300k, , amazon, amazon.nova-pro-v1:0",
    "amazon.nova-premier-v1:0:1m, , amazon, amazon.nova-premier-v1:0",
    "us.meta.llama4-scout-17b-instruct-v1:0:10m, us, meta, meta.llama4-scout-17b-instruct-v1:0",
    "cohere.embed-english-v3:0:512, , cohere, cohere.embed-english-v3:0",
    "amazon.titan-embed-image-v1:0:mm, , amazon, amazon.titan-embed-image-v1:0",
    "cohere.command-text-v14:7:4k, , cohere, cohere.command-text-v14:7",
    "mistral.mistral-7b-instruct-v0:2, , mistral, mistral.mistral-7b-instruct-v0:2",
    "some.model:12, , some, some.model:12",
    "some.model:k, , some, some.model:k",
    // names without a maker
    "support, , , support",
    "claude-haiku-4-5-20251001, , , claude-haiku-4-5-20251001",
    "'', , , ''"
  })
  void modelIdIsTakenApart(
      String id, @Nullable String geography, @Nullable String provider, String baseId) {
    ModelId read = ModelId.of(id);

    assertThat(read.kind()).isEqualTo(Kind.MODEL);
    assertThat(read.geography()).isEqualTo(geography);
    assertThat(read.provider()).isEqualTo(provider);
    assertThat(read.baseId()).isEqualTo(baseId);
    assertThat(read.region()).isNull();
    assertThat(read.isArn()).isFalse();
    assertThat(read.shortName()).isEqualTo(id);
    assertThat(read.isOpaque()).isFalse();
    assertThat(ModelId.of(read.baseId()).baseId()).isEqualTo(baseId);
  }

  @ParameterizedTest
  @CsvSource({
    "application-inference-profile/abcdefghijkl, APPLICATION_PROFILE, abcdefghijkl, true",
    "provisioned-model/abcdefghijkl, PROVISIONED, abcdefghijkl, false",
    "custom-model/imported/abcdefghijkl, IMPORTED, abcdefghijkl, false",
    "custom-model-deployment/abcdefghijkl, CUSTOM_DEPLOYMENT, abcdefghijkl, true",
    "imported-model/abcdefghijkl, IMPORTED, abcdefghijkl, false",
    "prompt/ABCDEFGHIJ:1, PROMPT, ABCDEFGHIJ:1, true",
    "prompt-router/abcdefghijkl, PROMPT_ROUTER, abcdefghijkl, true",
    "guardrail/abcdefghijkl, GUARDRAIL, abcdefghijkl, false",
    "guardrail-profile/us.guardrail.v1:0, GUARDRAIL, us.guardrail.v1:0, false",
    "async-invoke/abcdefghijkl, OTHER, abcdefghijkl, false"
  })
  void arnThatHidesItsModelIsOfItsKind(
      String resource, Kind kind, String shortName, boolean opaque) {
    ModelId read = ModelId.of(ACCOUNT + resource);

    assertThat(read.kind()).isEqualTo(kind);
    assertThat(read.baseId()).isEqualTo(read.text()).isEqualTo(ACCOUNT + resource);
    assertThat(read.provider()).isNull();
    assertThat(read.geography()).isNull();
    assertThat(read.region()).isEqualTo("eu-west-1");
    assertThat(read.isArn()).isTrue();
    assertThat(read.shortName()).isEqualTo(shortName);
    assertThat(read.isOpaque()).isEqualTo(opaque);
  }

  @Test
  void defaultPromptRouterNamesTheMakerOfItsModels() {
    ModelId router = ModelId.of(ACCOUNT + "default-prompt-router/anthropic.claude:1");

    assertThat(router.kind()).isEqualTo(Kind.PROMPT_ROUTER);
    assertThat(router.provider()).isEqualTo("anthropic");
    assertThat(router.baseId()).isEqualTo(router.text());
  }

  @Test
  void foundationModelsArnIsItsModel() {
    ModelId read =
        ModelId.of("arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-pro-v1:0");

    assertThat(read.kind()).isEqualTo(Kind.MODEL);
    assertThat(read.baseId()).isEqualTo(read.shortName()).isEqualTo("amazon.nova-pro-v1:0");
    assertThat(read.provider()).isEqualTo("amazon");
    assertThat(read.region()).isEqualTo("us-gov-west-1");
    assertThat(read.geography()).isNull();
  }

  @Test
  void foundationModelsArnWithoutRegionIsGlobal() {
    ModelId read = ModelId.of("arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-6");

    assertThat(read.baseId()).isEqualTo("anthropic.claude-sonnet-4-6");
    assertThat(read.geography()).isEqualTo("global");
    assertThat(read.region()).isNull();
  }

  @Test
  void crossRegionProfilesArnIsItsProfile() {
    ModelId read = ModelId.of(ACCOUNT + "inference-profile/eu.anthropic.claude-sonnet-4-6");

    assertThat(read.kind()).isEqualTo(Kind.MODEL);
    assertThat(read.baseId()).isEqualTo("anthropic.claude-sonnet-4-6");
    assertThat(read.geography()).isEqualTo("eu");
    assertThat(read.region()).isEqualTo("eu-west-1");
    assertThat(read.shortName()).isEqualTo("eu.anthropic.claude-sonnet-4-6");
  }

  @Test
  void customModelNamesItsBase() {
    for (String id :
        new String[] {
          ACCOUNT + "custom-model/amazon.nova-lite-v1:0:300k/abcdefghijkl",
          "amazon.nova-lite-v1:0:300k/abcdefghijkl"
        }) {
      ModelId read = ModelId.of(id);

      assertThat(read.kind()).isEqualTo(Kind.CUSTOM_MODEL);
      assertThat(read.baseId()).isEqualTo("amazon.nova-lite-v1:0");
      assertThat(read.provider()).isEqualTo("amazon");
    }
  }

  @Test
  void arnOfAnotherServiceIsNoModelOfBedrock() {
    assertThat(ModelId.of("arn:aws:sagemaker:us-east-1:123456789012:endpoint/mine").kind())
        .isEqualTo(Kind.MARKETPLACE_ENDPOINT);
    assertThat(ModelId.of("arn:aws:s3:::bucket/key").kind()).isEqualTo(Kind.OTHER);
    assertThat(ModelId.of("arn:broken").kind()).isEqualTo(Kind.OTHER);
  }

  @Test
  void encodedIdIsDecoded() {
    assertThat(ModelId.of("anthropic.claude-3-haiku-20240307-v1%3A0").baseId())
        .isEqualTo("anthropic.claude-3-haiku-20240307-v1:0");
    assertThat(
            ModelId.of(
                    "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3A"
                        + "application-inference-profile%2Fabc")
                .kind())
        .isEqualTo(Kind.APPLICATION_PROFILE);
    assertThat(ModelId.of("100%-sure").baseId()).isEqualTo("100%-sure");
    assertThat(ModelId.of("a+b%3A0").text()).isEqualTo("a+b:0");
  }

  @Test
  void nameInAResponseGetsItsMaker() {
    assertThat(ModelId.ofResponse("claude-haiku-4-5-20251001").text())
        .isEqualTo("anthropic.claude-haiku-4-5-20251001");
    assertThat(ModelId.ofResponse("us.amazon.nova-lite-v1:0").provider()).isEqualTo("amazon");
  }

  @Test
  void grammarCanKnowMoreGeographiesAndMakers() {
    ModelId.Grammar standard = ModelId.Grammar.standard();
    ModelId.Grammar more = standard.with(Set.of("north-of-here"), Set.of("acme"));

    assertThat(more.read("north-of-here.a.b").geography()).isEqualTo("north-of-here");
    assertThat(more.read("kr.acme.model").geography()).isEqualTo("kr");
    assertThat(more.read("us.acme.model").geography()).isEqualTo("us");
    assertThat(standard.read("north-of-here.a.b").geography()).isNull();
    assertThat(standard.read("kr.acme.model").geography()).isNull();
    assertThat(standard.read("kr.acme.model")).isNotEqualTo(more.read("kr.acme.model"));
  }

  @Test
  void idsWithTheSameHashAreKeptApart() {
    // "Aa" and "BB" have the same hash code.
    assertThat(ModelId.of("us.Aa.x").provider()).isEqualTo("Aa");
    assertThat(ModelId.of("us.BB.x").provider()).isEqualTo("BB");
    assertThat(ModelId.of("us.Aa.x").provider()).isEqualTo("Aa");
    assertThat(ModelId.of("us.Aa.x")).isEqualTo(ModelId.of("us.Aa.x")).hasToString("us.Aa.x");
  }
}
