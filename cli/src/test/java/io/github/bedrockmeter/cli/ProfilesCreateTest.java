// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfilesCreateTest extends ProfilesScene {
  private static final String DERIVED = "sales-eu-anthropic-claude-sonnet-4-6";

  private Ran create(String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "create",
                "--model",
                "eu." + SONNET,
                "--tag",
                "costCenter=sales",
                "--tag",
                "applicationId=crm"));
    words.addAll(List.of(more));
    return profiles(words.toArray(String[]::new));
  }

  @Test
  void withoutYesNothingIsMade() {
    assertThat(create().lines(0))
        .containsExactly(
            "would make profile '" + DERIVED + "'",
            "  model        eu.anthropic.claude-sonnet-4-6",
            "  copied from  arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-6",
            "  regions      eu-central-1, eu-west-1",
            "  tags         applicationId=crm, costCenter=sales",
            "nothing was made; add --yes to make it");
    assertThat(bedrock.created()).isEmpty();
    assertThat(bedrock.requests()).noneMatch(line -> line.equals("POST /inference-profiles"));
  }

  @Test
  void withYesItIsMadeWithItsSourceTagsAndToken() {
    assertThat(create("--yes").lines(0))
        .startsWith(
            "made profile '" + DERIVED + "'",
            "  arn          " + FakeControlPlane.arn("made00000001"));

    JsonNode sent = bedrock.created().get(0);
    assertThat(sent.get("inferenceProfileName").asText()).isEqualTo(DERIVED);
    assertThat(sent.get("modelSource").get("copyFrom").asText())
        .isEqualTo(
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-6");
    assertThat(sent.get("tags").toString())
        .isEqualTo(
            "[{\"key\":\"applicationId\",\"value\":\"crm\"},"
                + "{\"key\":\"costCenter\",\"value\":\"sales\"}]");
    assertThat(sent.get("clientRequestToken").asText())
        .matches("[a-zA-Z0-9](-*[a-zA-Z0-9])*")
        .hasSizeLessThanOrEqualTo(256);
  }

  @Test
  void theSameCommandTwiceMakesOneProfile() {
    create("--yes");

    assertThat(create("--yes").lines(0))
        .startsWith(
            "profile '" + DERIVED + "' exists already; nothing was made",
            "  arn          " + FakeControlPlane.arn("made00000001"));
    assertThat(bedrock.created()).hasSize(1);
  }

  @Test
  void aProfileOnALaterPageIsFound() {
    for (int i = 0; i < 5; i++) {
      bedrock.application("otherother" + i + "0", "other " + i, nova(), "costCenter", "other");
    }
    create("--yes");

    assertThat(create("--yes").out()).contains("exists already");
    assertThat(bedrock.created()).hasSize(1);
  }

  @Test
  void tagsThatAwsSetsDoNotMakeAnotherProfile() {
    bedrock.application(
        "aaaaaaaaaaaa",
        DERIVED,
        sonnetInEurope(),
        "costCenter",
        "sales",
        "applicationId",
        "crm",
        "aws:cloudformation:stack-name",
        "budgets");

    assertThat(create("--yes").out()).contains("exists already", "aaaaaaaaaaaa");
  }

  @Test
  void oneOfTheSameModelAndTagsUnderAnotherNameIsReportedUnlessANameIsAskedFor() {
    create("--yes", "--name", "crm of sales");

    assertThat(create("--yes").lines(0))
        .startsWith("profile 'crm of sales' exists already; nothing was made");
    assertThat(create("--yes", "--name", "another").lines(0)).startsWith("made profile 'another'");
    assertThat(bedrock.names()).contains("crm of sales", "another");
  }

  @Test
  void aNamesakeWithOtherTagsOrAnotherModelIsAnErrorThatNamesTheDifference() {
    bedrock.application("aaaaaaaaaaaa", DERIVED, sonnetInEurope(), "costCenter", "sales");
    bedrock.application("bbbbbbbbbbbb", "mine", nova(), "costCenter", "sales");

    assertThat(create("--yes").error(1))
        .isEqualTo(
            "bedrock-meter: a profile '"
                + DERIVED
                + "' exists, with the tags costCenter=sales instead of applicationId=crm,"
                + " costCenter=sales: "
                + FakeControlPlane.arn("aaaaaaaaaaaa")
                + "; give the new one another name with --name");
    assertThat(create("--yes", "--name", "mine").error(1))
        .contains(
            "of amazon.nova-lite-v1:0 in eu-west-1 instead of anthropic.claude-sonnet-4-6 in"
                + " eu-central-1, eu-west-1");
    assertThat(bedrock.created()).isEmpty();
  }

  @Test
  void theSameWishHasTheSameTokenAndAnAnswerForADeletedProfileIsNotBelieved() {
    create("--yes");
    bedrock.delete("made00000001");

    assertThat(create("--yes").error(1))
        .contains("which it does not find", "give the new one another name with --name");
    assertThat(bedrock.created()).extracting(sent -> sent.get("clientRequestToken")).hasSize(2);
    assertThat(bedrock.created().get(0)).isEqualTo(bedrock.created().get(1));
  }

  @Test
  void aLookUpThatIsDeniedAfterwardsDoesNotUnmakeTheProfile() {
    bedrock.fail("GET /inference-profiles/arn", 403, "AccessDeniedException", "no");

    assertThat(create("--yes").lines(0)).startsWith("made profile '" + DERIVED + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "amazon.nova-lite-v1:0, sales-amazon-nova-lite-v1-0",
    "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0, sales-amazon-nova-lite-v1-0",
    "eu.amazon.nova-lite-v1:0, sales-eu-amazon-nova-lite-v1-0",
    "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/global.anthropic.claude-sonnet-4-6,"
        + " sales-global-anthropic-claude-sonnet-4-6",
  })
  void aModelOrASystemProfileIsCopiedByIdOrByArn(String model, String name) {
    Ran made = profiles("create", "--model", model, "--tag", "costCenter=sales", "--yes");

    assertThat(made.lines(0)).startsWith("made profile '" + name + "'");
    String source = bedrock.created().get(0).get("modelSource").get("copyFrom").asText();
    assertThat(source)
        .startsWith("arn:aws:bedrock:eu-west-1:")
        .endsWith("/" + model.substring(model.lastIndexOf('/') + 1));
  }

  @Test
  void aLongNameIsCutAndStaysDistinct() {
    String value = "a-cost-centre-whose-name-is-so-long-that-it-fills-the-name-";
    profiles("create", "--model", NOVA, "--tag", "costCenter=" + value + "1", "--yes");
    profiles("create", "--model", NOVA, "--tag", "costCenter=" + value + "2", "--yes");

    assertThat(bedrock.created())
        .extracting(sent -> sent.get("inferenceProfileName").asText())
        .doesNotHaveDuplicates()
        .allMatch(name -> name.matches("([0-9a-zA-Z][ _-]?)+") && name.length() <= 64);
  }

  @Test
  void theFirstTagNamesTheProfileWhereThereIsNoCostCentre() {
    assertThat(
            profiles("create", "--model", NOVA, "--tag", "team=search", "--tag", "app=crm")
                .lines(0))
        .startsWith("would make profile 'search-amazon-nova-lite-v1-0'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "costCenter|a tag is written as a name and a value, as costCenter=sales: 'costCenter'",
        "=sales|a tag's name must not be blank; its value is 'sales'",
        "costCenter=|tag 'costCenter' has no value: the meter counts a blank one as missing",
        "costCenter=  |tag 'costCenter' has no value",
        "aws:team=a|AWS keeps names and values that begin with 'aws:' to itself: 'aws:team=a'",
        "AWS:team=a|AWS keeps names and values that begin with 'aws:' to itself",
        "team=aws:a|AWS keeps names and values that begin with 'aws:' to itself",
        "team=a,b|in a tag's value Bedrock takes the letters a-z and A-Z, digits",
        "te{am=a|in a tag's name Bedrock takes the letters a-z and A-Z, digits",
        "team=Zürich|in a tag's value Bedrock takes the letters a-z and A-Z, digits",
        "applicationId=x|tag 'applicationId' is given twice",
      })
  void aTagThatTheMeterOrAwsRefusesIsMisuse(String tag, String error) {
    Ran refused =
        profiles("create", "--model", NOVA, "--tag", "applicationId=x", "--tag", tag, "--yes");

    assertThat(refused.error(2)).startsWith("bedrock-meter: " + error);
    assertThat(bedrock.requests()).isEmpty();
  }

  @Test
  void tagsThatAreTooLongOrTooManyAreMisuse() {
    assertThat(
            profiles("create", "--model", NOVA, "--tag", "x".repeat(129) + "=a", "--yes").error(2))
        .startsWith("bedrock-meter: AWS takes at most 128 characters in a tag's name: 'xxx")
        .contains("has 129");
    assertThat(
            profiles("create", "--model", NOVA, "--tag", "a=" + "x".repeat(257), "--yes").error(2))
        .startsWith("bedrock-meter: AWS takes at most 256 characters in a tag's value: 'xxx");

    List<String> words = new ArrayList<>(List.of("create", "--model", NOVA));
    for (int i = 0; i < 51; i++) {
      words.addAll(List.of("--tag", "tag" + i + "=a"));
    }
    assertThat(profiles(words.toArray(String[]::new)).error(2))
        .startsWith("bedrock-meter: AWS takes at most 50 tags: got 51");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2|arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abcdefghijkl|an"
            + " application inference profile cannot be copied",
        "2|abcdefghijkl|--model must be a model id, the id of a system profile, or an ARN of either",
        "2|arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/abcdefghijkl|--model must be a",
        "2|arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0|--model is in us-east-1,"
            + " but the profile would be made in eu-west-1",
        "2|arn:aws:bedrock:::foundation-model/amazon.nova-lite-v1:0|--model has an ARN without a"
            + " region",
        "1|amazon.nova-lite-v1|Bedrock knows no model or profile 'amazon.nova-lite-v1' in eu-west-1"
            + " (did you mean 'amazon.nova-lite-v1:0'?)",
        "1|eu.anthropic.claude-sonet-4-6|Bedrock knows no model or profile"
            + " 'eu.anthropic.claude-sonet-4-6' in eu-west-1 (did you mean"
            + " 'eu.anthropic.claude-sonnet-4-6'?)",
        "1|anthropic.claude-sonnet-4-6|model 'anthropic.claude-sonnet-4-6' cannot be called by"
            + " itself in eu-west-1; copy one of its profiles: --model"
            + " eu.anthropic.claude-sonnet-4-6 or global.anthropic.claude-sonnet-4-6",
      })
  void whatCannotBeCopiedIsRefusedWithTheNearestRightForm(int exit, String model, String error) {
    assertThat(profiles("create", "--model", model, "--tag", "a=b", "--yes").error(exit))
        .startsWith("bedrock-meter: " + error);
    assertThat(bedrock.created()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"'-sales'", "'a  b'", "'sales!'", "''"})
  void aNameThatBedrockWouldRefuseIsMisuse(String name) {
    assertThat(create("--name=" + name, "--yes").error(2))
        .startsWith("bedrock-meter: --name must be letters a-z and A-Z and digits");
    assertThat(create("--name", "a".repeat(65)).error(2)).contains("64 characters at most");
  }

  @Test
  void aModelAndATagAreRequired() {
    assertThat(profiles("create", "--tag", "a=b").error(2)).contains("'--model=MODEL'");
    assertThat(profiles("create", "--model", NOVA).error(2)).contains("'--tag=NAME=VALUE'");
  }
}
