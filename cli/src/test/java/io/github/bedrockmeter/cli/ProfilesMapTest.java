// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bedrockmeter.usage.ModelAliases;
import java.io.StringReader;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class ProfilesMapTest extends ProfilesScene {
  private static String arn(String id) {
    return FakeControlPlane.arn(id);
  }

  private Properties properties(Ran ran) throws Exception {
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    Properties properties = new Properties();
    properties.load(new StringReader(ran.out()));
    return properties;
  }

  private Map<?, ?> json(Ran ran) throws Exception {
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    return new ObjectMapper().readValue(ran.out(), Map.class);
  }

  private void salesAndServices() {
    bedrock
        .application("ssssssssssss", "one", sonnetInEurope(), "costCenter", "sales")
        .application("vvvvvvvvvvvv", "two", nova(), "costCenter", "field services")
        .application("tttttttttttt", "three", nova(), "costCenter", "4711");
  }

  @Test
  void propertiesNameEachProfileByItsCostCentre() throws Exception {
    salesAndServices();

    Ran ran = profiles("map");

    assertThat(ran.lines(0))
        .containsExactly(
            "# Application inference profiles in eu-west-1 by costCenter, from 'bedrock-meter"
                + " profiles map'.",
            "bedrock.meter.model-names.4711=" + arn("tttttttttttt"),
            "bedrock.meter.model-names[field\\ services]=" + arn("vvvvvvvvvvvv"),
            "bedrock.meter.model-names.sales=" + arn("ssssssssssss"));
    assertThat(properties(ran))
        .containsEntry("bedrock.meter.model-names[field services]", arn("vvvvvvvvvvvv"));
  }

  @Test
  void yamlIsTheSame() {
    salesAndServices();

    assertThat(profiles("map", "--format", "yaml").lines(0))
        .endsWith(
            "bedrock:",
            "  meter:",
            "    model-names:",
            "      \"4711\": \"" + arn("tttttttttttt") + "\"",
            "      \"[field services]\": \"" + arn("vvvvvvvvvvvv") + "\"",
            "      \"sales\": \"" + arn("ssssssssssss") + "\"");
  }

  @Test
  void jsonIsAMapThatModelAliasesTakes() throws Exception {
    salesAndServices();

    Map<?, ?> map = json(profiles("map", "--format", "json"));

    @SuppressWarnings("unchecked")
    ModelAliases aliases = ModelAliases.of((Map<String, String>) map);
    assertThat(aliases.calledAs())
        .containsOnlyKeys("sales", "field services", "4711")
        .containsEntry("sales", arn("ssssssssssss"));
  }

  @Test
  void javaAlsoNamesTheModelBehindEachProfileForPrices() {
    salesAndServices();
    bedrock.application(
        "uuuuuuuuuuuu",
        "four",
        FakeControlPlane.arns(SONNET, "eu-north-1", "eu-west-1"),
        "costCenter",
        "unknown regions");

    assertThat(profiles("map", "--format", "java").lines(0))
        .endsWith(
            "ModelAliases aliases =",
            "    ModelAliases.none()",
            "        .with(\"4711\", \"" + arn("tttttttttttt") + "\")",
            "        .with(\"field services\", \"" + arn("vvvvvvvvvvvv") + "\")",
            "        .with(\"sales\", \"" + arn("ssssssssssss") + "\")",
            "        .with(\"unknown regions\", \"" + arn("uuuuuuuuuuuu") + "\")",
            "        .with(\"" + arn("ssssssssssss") + "\", \"eu.anthropic.claude-sonnet-4-6\")",
            "        .with(\"" + arn("tttttttttttt") + "\", \"amazon.nova-lite-v1:0\")",
            "        .with(\"" + arn("vvvvvvvvvvvv") + "\", \"amazon.nova-lite-v1:0\");");
  }

  @Test
  void aValueWithTwoModelsGetsTheModelInItsNamesAndItIsSaid() throws Exception {
    bedrock
        .application("aaaaaaaaaaaa", "one", sonnetInEurope(), "costCenter", "sales")
        .application("bbbbbbbbbbbb", "two", nova(), "costCenter", "sales");

    Ran ran = profiles("map", "--format", "json");

    assertThat(json(ran).toString())
        .isEqualTo(
            "{sales-claude-sonnet-4-6="
                + arn("aaaaaaaaaaaa")
                + ", sales-nova-lite-v1-0="
                + arn("bbbbbbbbbbbb")
                + "}");
    assertThat(ran.err())
        .isEqualTo(
            "bedrock-meter: 'sales' is no name, since 2 profiles have it: 'sales-claude-sonnet-4-6'"
                + " is one (aaaaaaaaaaaa), 'sales-nova-lite-v1-0' is two (bbbbbbbbbbbb)"
                + System.lineSeparator());
  }

  @Test
  void aValueWithOneModelInOtherRegionsGetsTheRegionsToo() throws Exception {
    bedrock
        .application("aaaaaaaaaaaa", "one", sonnetInEurope(), "costCenter", "sales")
        .application(
            "bbbbbbbbbbbb",
            "two",
            FakeControlPlane.arns(SONNET, "eu-west-1", ""),
            "costCenter",
            "sales");

    assertThat(json(profiles("map", "--format", "json")).keySet().toString())
        .isEqualTo("[sales-claude-sonnet-4-6-eu, sales-claude-sonnet-4-6-global]");
  }

  @Test
  void aDuplicateIsLeftOutForTheOlderAndItIsSaid() throws Exception {
    bedrock
        .application("aaaaaaaaaaaa", "newer", nova(), "costCenter", "sales")
        .application("bbbbbbbbbbbb", "older", nova(), "costCenter", "sales")
        .set("bbbbbbbbbbbb", "createdAt", "2025-01-01T00:00:00Z");

    Ran ran = profiles("map", "--format", "json");

    assertThat(json(ran).toString()).isEqualTo("{sales=" + arn("bbbbbbbbbbbb") + "}");
    assertThat(ran.err())
        .startsWith(
            "bedrock-meter: newer (aaaaaaaaaaaa) is left out: it has the model, the regions and the"
                + " tags of older (bbbbbbbbbbbb), which is older");
  }

  @Test
  void profilesThatDifferInAnotherTagAreNoDuplicatesAndTheTagIsNamed() throws Exception {
    bedrock
        .application("aaaaaaaaaaaa", "one", nova(), "costCenter", "sales", "environment", "dev")
        .application("bbbbbbbbbbbb", "two", nova(), "costCenter", "sales", "environment", "prod");

    Ran ran = profiles("map", "--format", "json");

    assertThat(json(ran).keySet().toString()).isEqualTo("[sales-aaaaaaaaaaaa, sales-bbbbbbbbbbbb]");
    assertThat(ran.err())
        .contains(
            "; they differ in environment too: --by costCenter,environment makes names of both");
    assertThat(json(profiles("map", "--by", "costCenter,environment", "--format", "json")).keySet())
        .hasToString("[sales-dev, sales-prod]");
  }

  @Test
  void aNameThatWouldStandForTwoIsAnError() {
    bedrock
        .application("aaaaaaaaaaaa", "one", sonnetInEurope(), "costCenter", "sales")
        .application("bbbbbbbbbbbb", "two", nova(), "costCenter", "sales")
        .application("cccccccccccc", "three", nova(), "costCenter", "sales-nova-lite-v1-0");

    assertThat(profiles("map").error(1))
        .startsWith(
            "bedrock-meter: the name 'sales-nova-lite-v1-0' would stand for both two"
                + " (bbbbbbbbbbbb) and three (cccccccccccc); choose other tags with --by");
  }

  @Test
  void whatHasNoNameIsSaid() throws Exception {
    salesAndServices();
    bedrock
        .application("xxxxxxxxxxxx", "no tag", nova(), "team", "search")
        .application("yyyyyyyyyyyy", "blank", nova(), "costCenter", "")
        .application("zzzzzzzzzzzz", "starting", nova(), "costCenter", "later")
        .set("zzzzzzzzzzzz", "status", "CREATING");

    Ran ran = profiles("map", "--format", "json");

    assertThat(json(ran).keySet()).hasSize(3);
    assertThat(ran.err().lines())
        .containsExactly(
            "bedrock-meter: starting (zzzzzzzzzzzz) is left out: its status is CREATING",
            "bedrock-meter: 2 profiles are left out, without a value of costCenter");
  }

  @Test
  void aTagThatNoProfileHasIsAnErrorThatNamesTheNearest() {
    salesAndServices();

    assertThat(profiles("map", "--by", "costcenter").error(1))
        .isEqualTo(
            "bedrock-meter: none of the 3 application inference profiles in eu-west-1 can be named"
                + " by costcenter (did you mean 'costCenter'?); their tags are costCenter");
    assertThat(profiles("map", "--by", "costCenter,costCenter").error(2))
        .startsWith("bedrock-meter: --by must name tags, each once");
  }
}
