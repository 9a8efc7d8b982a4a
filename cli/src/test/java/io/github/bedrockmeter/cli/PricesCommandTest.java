// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PricesCommandTest {
  @TempDir Path folder;

  @Test
  void showPrintsEachRateWithItsBasisAndSource() {
    Ran ran =
        Ran.command(
            List.of(),
            "prices",
            "show",
            "us.openai.gpt-5.5",
            "--region",
            "us-east-1",
            "--tier",
            "priority",
            "--at",
            "2026-10-08");

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.out()).contains("13.75").contains("exact").contains("aws-offers-2026-10-08");
  }

  @Test
  void checkFailsForAModelWithoutAPriceAndSaysWhatToDo() {
    Ran ran =
        Ran.command(
            List.of(),
            "prices",
            "check",
            "amazon.nova-pro-v1:0",
            "anthropic.claude-haiku-6",
            "--max-age",
            "36500");

    assertThat(ran.exitCode()).isNotZero();
    assertThat(ran.out())
        .contains("1 of 2 models have a price")
        .contains(".alias(\"anthropic.claude-haiku-6\", \"anthropic.claude-haiku-5-5\")");
    assertThat(
            Ran.command(List.of(), "prices", "check", "amazon.nova-pro-v1:0", "--max-age", "36500")
                .exitCode())
        .isZero();
  }

  @Test
  void importListsWhatItLeftOutAndDiffShowsTheChange() throws Exception {
    Path old = offers("old.json", "0.10");
    Path now = offers("new.json", "0.07");

    Ran ran = Ran.command(List.of(), "prices", "diff", old.toString(), now.toString());

    assertThat(ran.out())
        .contains("anthropic.claude-haiku-5-5")
        .contains("-30.0 %")
        .contains("1 changed, 0 added, 0 removed");
  }

  @Test
  void aFileThatIsMissingOrBrokenIsNamedWithWhatIsWrong() throws Exception {
    Path missing = folder.resolve("missing.json");
    Path broken = Files.writeString(folder.resolve("broken.json"), "{");
    Path whole = offers("whole.json", "0.10");
    for (Path file : List.of(missing, broken)) {
      String reason = file == missing ? "cannot read" : "is not valid JSON";
      for (List<String> command :
          List.of(
              List.of("prices", "show", "amazon.nova-pro-v1:0", "--overlay", file.toString()),
              List.of("prices", "check", "--overrides", file.toString()),
              List.of("prices", "diff", whole.toString(), file.toString()),
              List.of("prices", "import", "--price-list", file.toString()))) {
        Ran ran = Ran.command(List.of(), command.toArray(String[]::new));

        assertThat(ran.exitCode()).as("%s", command).isEqualTo(1);
        assertThat(ran.err())
            .as("%s", command)
            .contains(reason)
            .contains(file.getFileName().toString());
      }
    }
  }

  private Path offers(String name, String price) throws Exception {
    Path answer = folder.resolve("offers-" + name);
    Files.writeString(
        answer,
        """
        {"modelId": "anthropic.claude-haiku-5-5", "offers": [{"offerId": "offer-7", "termDetails":
          {"usageBasedPricingTerm": {"rateCard": [
            {"dimension": "EU_InputTokenCount_Global", "price": "%s", "unit": "Units"},
            {"dimension": "EU_Mystery", "price": "1", "unit": "Units"}]}}}]}
        """
            .formatted(price));
    Path overlay = folder.resolve(name);
    Ran ran =
        Ran.command(
            List.of(),
            "prices",
            "import",
            "--offers",
            answer.toString(),
            "--out",
            overlay.toString());
    assertThat(ran.exitCode()).isZero();
    assertThat(ran.err()).contains("offer-7 (EU_Mystery)").contains("1 figures, 1 rows left out");
    return overlay;
  }
}
