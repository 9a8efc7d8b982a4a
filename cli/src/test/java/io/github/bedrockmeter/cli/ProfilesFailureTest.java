// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user reads when something is wrong: one line, what to do, and no credential. */
class ProfilesFailureTest extends ProfilesScene {
  @Test
  void aDeniedCallNamesItsIamAction() {
    bedrock.fail("GET /inference-profiles{", 403, "AccessDeniedException", "not for you.");

    assertThat(profiles("list").error(1))
        .isEqualTo(
            "bedrock-meter: access denied: the credentials may not call"
                + " bedrock:ListInferenceProfiles in eu-west-1 at "
                + bedrock.url()
                + "; allow this action in IAM (not for you)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST /listTagsForResource|bedrock:ListTagsForResource|list",
        "POST /listTagsForResource|bedrock:ListTagsForResource|map",
        "GET /foundation-models|bedrock:GetFoundationModel|create --model amazon.nova-lite-v1:0 --tag"
            + " a=b",
        "GET /inference-profiles/eu|bedrock:GetInferenceProfile|create --model"
            + " eu.amazon.nova-lite-v1:0 --tag a=b",
        "POST /inference-profiles|bedrock:CreateInferenceProfile, and bedrock:TagResource|create"
            + " --model amazon.nova-lite-v1:0 --tag a=b --yes",
      })
  void eachActionIsNamed(String request, String action, String words) {
    bedrock.application("aaaaaaaaaaaa", "one", nova(), "costCenter", "sales");
    bedrock.fail(request, 403, "AccessDeniedException", "no");

    assertThat(profiles(words.split(" ", -1)).error(1))
        .contains("may not call " + action)
        .hasLineCount(1);
  }

  @Test
  void theActionThatAwsNamesIsTheOneThatIsMissing() {
    bedrock.fail(
        "POST /inference-profiles",
        403,
        "AccessDeniedException",
        "User: arn:aws:iam::123456789012:user/ann is not authorized to perform:"
            + " bedrock:TagResource on resource: x");

    assertThat(profiles("create", "--model", NOVA, "--tag", "a=b", "--yes").error(1))
        .contains("may not call bedrock:TagResource in eu-west-1", "user/ann is not authorized");
  }

  @Test
  void throttlingIsRepeatedAndThenSaid() {
    bedrock.fail("GET /inference-profiles{", 429, "ThrottlingException", "slow down");

    assertThat(profiles("list").error(1))
        .startsWith("bedrock-meter: Bedrock throttled bedrock:ListInferenceProfiles in eu-west-1")
        .endsWith("also when it was repeated; wait a minute and try again");
    assertThat(bedrock.requests()).hasSizeGreaterThan(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400|ValidationException|Bedrock refused bedrock:CreateInferenceProfile",
        "400|ServiceQuotaExceededException|Bedrock refused bedrock:CreateInferenceProfile",
        "409|ConflictException|Bedrock refused bedrock:CreateInferenceProfile",
      })
  void aRefusalIsSaidInAwssWords(int status, String type, String error) {
    bedrock.fail("POST /inference-profiles", status, type, "Because of\n a reason.");

    assertThat(profiles("create", "--model", NOVA, "--tag", "a=b", "--yes").error(1))
        .startsWith("bedrock-meter: " + error)
        .endsWith(": " + type + ": Because of")
        .hasLineCount(1);
  }

  @Test
  void afterAFailureOfTheServerTheProfileMayHaveBeenMade() {
    bedrock.fail("POST /inference-profiles", 500, "InternalServerException", "oops");

    assertThat(profiles("create", "--model", NOVA, "--tag", "a=b", "--yes").error(1))
        .contains("failed at bedrock:CreateInferenceProfile")
        .endsWith("; the profile may have been made, and the same command reports it if so");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UnrecognizedClientException",
        "ExpiredTokenException",
        "InvalidSignatureException"
      })
  void credentialsThatAwsRefusesAreNotRepeated(String type) {
    bedrock.fail("GET", 403, type, "The Canonical String was x-amz-security-token:" + SECRET);

    assertThat(profiles("list").error(1))
        .isEqualTo(
            "bedrock-meter: AWS did not accept the credentials ("
                + type
                + "): sign in again, or check the keys and this machine's clock");
  }

  @Test
  void aProfileWithoutCredentialsIsSaid() throws Exception {
    Files.writeString(
        folder.resolve("credentials"), "[other]\naws_secret_access_key = " + SECRET + "\n");

    for (String profile : List.of("scene", "other")) {
      Ran ran =
          Ran.command(
              List.of("--region", "eu-west-1", "--endpoint", bedrock.url()),
              "profiles",
              "list",
              "--profile",
              profile);
      assertThat(ran.error(1))
          .isEqualTo(
              "bedrock-meter: the AWS profile '"
                  + profile
                  + "' gives no credentials: see that it is in AWS's configuration files, and"
                  + " signed in if it needs to be")
          .doesNotContain(SECRET);
    }
    assertThat(bedrock.requests()).isEmpty();
  }

  @Test
  void aProfileOfSingleSignOnIsSaidWithTheWayAroundIt() throws Exception {
    Files.writeString(
        folder.resolve("config"),
        """
        [profile people]
        sso_start_url = https://example.awsapps.com/start
        sso_region = eu-west-1
        sso_account_id = 123456789012
        sso_role_name = reader
        """);

    assertThat(
            Ran.command(
                    List.of("--region", "eu-west-1", "--endpoint", bedrock.url()),
                    "profiles",
                    "list",
                    "--profile",
                    "people")
                .error(1))
        .startsWith("bedrock-meter: the AWS profile 'people' needs the module 'sso' of the AWS SDK")
        .contains("aws configure export-credentials");
  }

  @Test
  void theRegionOfTheAwsProfileIsUsed() throws Exception {
    Files.writeString(folder.resolve("config"), "[profile scene]\nregion = ap-south-1\n");
    bedrock.fail("GET", 403, "AccessDeniedException", "no");
    String ofMachine = System.getenv("AWS_REGION");

    Ran ran =
        Ran.command(List.of("--endpoint", bedrock.url()), "profiles", "list", "--profile", "scene");

    assertThat(ran.error(1)).contains(ofMachine == null ? "in ap-south-1" : "in " + ofMachine);
  }

  @Test
  void aServerThatDoesNotAnswerAndOneThatIsGoneAreSaid() throws Exception {
    List<String> there;
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String url = "http://127.0.0.1:" + silent.getLocalPort();
      there = List.of("--region", "eu-west-1", "--profile", "scene", "--endpoint", url);

      assertThat(Ran.command(there, "profiles", "list", "--timeout", "PT0.2S").error(1))
          .contains("at " + url + " did not answer bedrock:ListInferenceProfiles", "PT30S")
          .hasLineCount(1);
    }

    assertThat(Ran.command(there, "profiles", "list").error(1))
        .contains(" cannot be reached for bedrock:ListInferenceProfiles: ")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "profiles list --ledger redis://localhost|Unknown option: '--ledger'",
        "--ledger redis://localhost profiles list|--ledger has no use here",
        "--prefix a profiles list|--prefix has no use here",
        "profiles list --abandon-after PT1H|Unknown option: '--abandon-after'",
        "profiles list --format xml|Invalid value for option '--format'",
        "profiles list --width 5|--width must be at least 20: 5",
        "profiles list --region Frankfurt|--region must be the name of an AWS region, as",
        "profiles list --endpoint localhost:80|Invalid value for option '--endpoint': it must be a URI",
        "profiles list --endpoint http://me:secret@localhost|Invalid value for option '--endpoint': it must be a URI",
        "profiles list --timeout PT0S|--timeout must be at least one millisecond: PT0S",
        "profiles|Missing required subcommand",
      })
  void misuseIsExplained(String line, String error) {
    String words = line.contains("--region") ? line : line + " --region eu-west-1";

    assertThat(
            Ran.command(List.of(), (line.equals("profiles") ? line : words).split(" ", -1))
                .error(2))
        .startsWith("bedrock-meter: " + error)
        .doesNotContain("secret");
  }

  @Test
  void helpHasNoOptionsOfLedgersAndItsOwnEndpoint() {
    List<String> help = Ran.command(List.of(), "profiles", "create", "--help").lines(0);

    assertThat(help).noneMatch(line -> line.contains("--ledger") || line.contains("DynamoDB"));
    assertThat(String.join(" ", help).replaceAll(" +", " "))
        .contains("The endpoint of Bedrock's control plane");
  }
}
