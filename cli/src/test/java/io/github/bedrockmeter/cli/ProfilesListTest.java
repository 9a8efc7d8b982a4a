// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProfilesListTest extends ProfilesScene {
  @BeforeEach
  void threeProfilesOnTwoPages() {
    bedrock
        .application("aaaaaaaaaaaa", "sales", sonnetInEurope(), "costCenter", "sales", "app", "crm")
        .application("bbbbbbbbbbbb", "services", nova(), "costCenter", "services")
        .application("cccccccccccc", "support", sonnetInEurope());
  }

  @Test
  void listsAllPagesWithTheTagsOfEach() {
    List<String> lines = profiles("list").lines(0);

    assertThat(lines)
        .containsExactly(
            "ID            NAME      MODEL                        REGIONS                  STATUS  TAGS",
            "aaaaaaaaaaaa  sales     anthropic.claude-sonnet-4-6  eu-central-1, eu-west-1  ACTIVE  app=crm, costCenter=sales",
            "bbbbbbbbbbbb  services  amazon.nova-lite-v1:0        eu-west-1                ACTIVE  costCenter=services",
            "cccccccccccc  support   anthropic.claude-sonnet-4-6  eu-central-1, eu-west-1  ACTIVE");
    assertThat(bedrock.requests())
        .filteredOn(line -> line.startsWith("GET /inference-profiles"))
        .hasSize(2);
    assertThat(bedrock.authorization()).contains("Credential=AKIASCENE/");
  }

  @Test
  void systemProfilesAreListedIfAskedForAndNotAskedForTheirTags() {
    List<String> lines = profiles("list", "--all").lines(0);

    assertThat(lines).hasSize(7);
    assertThat(lines.get(6)).startsWith("global.anthropic.claude-sonnet-4-6").contains("global");
    assertThat(bedrock.requests()).filteredOn("POST /listTagsForResource"::equals).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 40, 58, 80, 100, 120})
  void aTableFitsTheTerminalAndCutsNothing(int width) {
    List<String> lines = profiles("list", "--width", "" + width).lines(0);

    if (width >= 58) {
      assertThat(lines).allMatch(line -> line.length() <= width);
    } else {
      assertThat(lines).contains("ID       aaaaaaaaaaaa", "TAGS     app=crm, costCenter=sales");
    }
    assertThat(String.join("", lines).replace(" ", "")).contains("ACTIVE");
    if (width >= 80) {
      assertThat(lines).anyMatch(line -> line.contains("aaaaaaaaaaaa"));
    }
  }

  @Test
  void jsonHasEveryFieldAndNullForTagsThatAreUnknown() throws Exception {
    JsonNode json =
        new ObjectMapper().readTree(profiles("list", "--all", "--format", "json").out());

    assertThat(json).hasSize(6);
    assertThat(json.get(0).toString())
        .isEqualTo(
            "{\"id\":\"aaaaaaaaaaaa\",\"arn\":\""
                + FakeControlPlane.arn("aaaaaaaaaaaa")
                + "\",\"name\":\"sales\",\"type\":\"APPLICATION\","
                + "\"models\":[\"anthropic.claude-sonnet-4-6\"],"
                + "\"regions\":[\"eu-central-1\",\"eu-west-1\"],\"status\":\"ACTIVE\","
                + "\"created\":\"2026-11-04T10:00:00Z\","
                + "\"tags\":{\"app\":\"crm\",\"costCenter\":\"sales\"}}");
    assertThat(json.get(2).get("tags").isObject()).isTrue();
    assertThat(json.get(3).get("tags").isNull()).isTrue();
  }

  @Test
  void csvQuotesWhatNeedsIt() {
    bedrock.set("cccccccccccc", "inferenceProfileName", "sup,\"port\"");

    assertThat(profiles("list", "--format", "csv").lines(0))
        .startsWith("id,arn,name,type,models,regions,status,created,tags")
        .anyMatch(line -> line.contains(",\"sup,\"\"port\"\"\",APPLICATION,"))
        .anyMatch(line -> line.endsWith(",app=crm;costCenter=sales"));
  }

  @Test
  void aNameThatWouldMoveTheCursorIsEscaped() {
    bedrock.set("cccccccccccc", "inferenceProfileName", "sup\u001b[2Jport");

    assertThat(profiles("list").out()).contains("sup\\u001b[2Jport").doesNotContain("\u001b");
  }

  @Test
  void noProfilesIsSaid() {
    List.of("aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc").forEach(bedrock::delete);

    assertThat(profiles("list").lines(0)).containsExactly("no profiles");
    assertThat(profiles("list", "--format", "json").lines(0)).containsExactly("[ ]");
  }

  @Test
  void aProfileThatIsDeletedMeanwhileIsLeftOut() {
    bedrock.application("dddddddddddd", "gone", nova());
    bedrock.set("dddddddddddd", "inferenceProfileArn", FakeControlPlane.arn("deleteddelet"));

    assertThat(profiles("list").lines(0)).hasSize(4).noneMatch(line -> line.contains("gone"));
  }
}
