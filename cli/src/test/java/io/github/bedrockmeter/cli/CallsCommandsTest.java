// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.event.UsageEvent;
import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import io.github.bedrockmeter.testkit.sample.SampleEvents;
import io.github.bedrockmeter.usage.Usage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands over the calls of a journal, an H2 file: their arguments, exit codes and outputs.
 */
class CallsCommandsTest {
  private static final String NOVA = "amazon.nova-pro-v1:0";
  private static final String HEADER =
      "bill_billing_entity,line_item_line_item_type,line_item_product_code,line_item_usage_type,"
          + "line_item_usage_start_date,line_item_usage_amount,line_item_unblended_cost,"
          + "pricing_unit,line_item_usage_account_id\n";

  @TempDir Path folder;

  private List<String> journal = List.of();

  @BeforeEach
  void writeJournal() {
    Path file = folder.resolve("usage");
    Usage usage = Usage.ofTokens(1_000_000, 100_000);
    try (UsageJournal written =
        UsageJournal.builder(file).closeWithin(Duration.ofMinutes(2)).build()) {
      PriceKey key = key(NOVA, "2026-10-05T12:00:00Z");
      written.onUsage(event("one", key, usage, PriceCatalog.bundled().costOf(key, usage)));
      written.onUsage(
          event(
              "two",
              key("amazon.nova-lite-v1:0", "2026-10-20T12:00:00Z"),
              usage,
              new Cost.Unknown("no price book is configured")));
    }
    journal = List.of("--journal", "jdbc:h2:" + file.toAbsolutePath());
  }

  @Test
  void aBillThatAgreesExitsWithZeroAndOneThatDoesNotWithThree() throws Exception {
    Path agrees = bill("1000,0.8", "100,0.32");
    Path differs = bill("1000,0.8", "200,0.64");

    Ran fits = Ran.command(journal, "reconcile", "--bill", agrees.toString(), "--to", "2026-10-10");
    Ran gap = Ran.command(journal, "reconcile", "--bill", differs.toString(), "--to", "2026-10-10");
    Ran allowed =
        Ran.command(
            journal,
            "reconcile",
            "--bill",
            differs.toString(),
            "--to",
            "2026-10-10",
            "--tolerance",
            "0.32usd",
            "--format",
            "json");

    assertThat(fits.exitCode()).as(fits.err() + fits.out()).isZero();
    assertThat(gap.exitCode()).as(gap.err() + gap.out()).isEqualTo(3);
    assertThat(gap.out()).contains("unmetered calls").contains("USE1-NovaPro-output-tokens");
    assertThat(gap.err()).contains("0.32 USD of 1.44 USD differ: beyond the tolerance");
    assertThat(allowed.exitCode()).isZero();
    assertThat(allowed.out()).contains("\"gap_usd\" : \"0.32\"");
  }

  @Test
  void aDiscountIsWrittenAsAFileThatClosesTheGap() throws Exception {
    Path bill = bill("1000,0.72", "100,0.288");
    Path terms = folder.resolve("terms.json");

    Ran ran =
        Ran.command(
            journal,
            "reconcile",
            "--bill",
            bill.toString(),
            "--terms-out",
            terms.toString(),
            "--to",
            "2026-10-10",
            "--format",
            "csv");

    assertThat(ran.exitCode()).as(ran.err()).isEqualTo(3);
    assertThat(ran.out()).contains(",discount,");
    Ran shown =
        Ran.command(
            List.of(),
            "prices",
            "show",
            NOVA,
            "--region",
            "us-east-1",
            "--overrides",
            terms.toString());
    assertThat(shown.out()).contains("0.72").contains("DISCOUNT");
  }

  @Test
  void whatIfShowsBeforeAndAfterAndWhatIsLeftOut() {
    Ran ran =
        Ran.command(
            journal,
            "what-if",
            "--model",
            NOVA + "=amazon.nova-lite-v1:0",
            "--by",
            "tag:team,model");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("search").contains("1.12").contains("0.084");
    assertThat(ran.out()).contains("it has no cost to compare with");
    assertThat(Ran.command(journal, "what-if", "--by", "modle").exitCode()).isEqualTo(2);
  }

  @Test
  void cacheAndBudgetAdviceReadTheJournal() throws Exception {
    Path budgets = folder.resolve("budgets.yaml");

    assertThat(Ran.command(journal, "cache").exitCode()).isZero();
    Ran advice =
        Ran.command(
            journal,
            "budget-advice",
            "team",
            "--from",
            "2026-10",
            "--to",
            "2026-10-31",
            "--budgets-out",
            budgets.toString());

    assertThat(advice.exitCode()).as(advice.err()).isZero();
    assertThat(Files.readString(budgets)).contains("\"team=search\": 1.35 USD");
  }

  @Test
  void repriceAsksForYesAndThenPricesOnce() {
    Ran preview = Ran.command(journal, "reprice", "--reason", "prices came");
    Ran done = Ran.command(journal, "reprice", "--reason", "prices came", "--yes");
    Ran again = Ran.command(journal, "reprice", "--reason", "prices came", "--yes");

    assertThat(preview.exitCode()).as(preview.err()).isZero();
    assertThat(preview.err()).contains("nothing was written; add --yes");
    assertThat(preview.out()).contains("amazon.nova-lite-v1:0").contains("0.084");
    assertThat(done.out()).contains("0.084");
    assertThat(done.err()).isEmpty();
    assertThat(again.out()).doesNotContain("0.084");
  }

  @Test
  void aFailureOfTheEngineOrOfAFileEndsInItsOwnWords() throws Exception {
    Path broken = Files.writeString(folder.resolve("broken.parquet"), "no columns at all");
    Path none = folder.resolve("none");

    assertThat(Ran.command(journal, "reconcile", "--bill", broken.toString()).error(1))
        .contains("broken.parquet")
        .doesNotContain("Exception", "SELECT");
    assertThat(
            Ran.command(
                    journal,
                    "budget-advice",
                    "team",
                    "--from",
                    "2026-10",
                    "--to",
                    "2026-10",
                    "--budgets-out",
                    none.resolve("b.yaml").toString())
                .error(1))
        .contains("cannot write " + none.resolve("b.yaml") + ": there is no such folder");
  }

  @Test
  void whatIsMissingIsSaidAtOnce() {
    assertThat(Ran.command(journal, "reconcile").error(2)).contains("or --bill cur.csv.gz");
    assertThat(
            Ran.command(journal, "reconcile", "--bill", folder.resolve("none.csv").toString())
                .error(1))
        .contains("cannot read the bill");
    assertThat(Ran.command(journal, "reconcile", "--tolerance", "much").error(2))
        .contains("0.02% or 5usd");
  }

  /** A bill of one day, and of a later one that makes it final. */
  private Path bill(String input, String output) throws Exception {
    String text =
        HEADER
            + row("USE1-NovaPro-input-tokens", "2026-10-05", input)
            + row("USE1-NovaPro-output-tokens", "2026-10-05", output)
            + row("USE1-NovaPro-input-tokens", "2026-10-08", "0,0");
    return Files.writeString(folder.resolve("bill" + text.hashCode() + ".csv"), text);
  }

  private static String row(String usageType, String day, String amountAndCost) {
    return "AWS,Usage,AmazonBedrock,%s,%sT14:00:00Z,%s,1K tokens,123456789012\n"
        .formatted(usageType, day, amountAndCost);
  }

  private static PriceKey key(String model, String at) {
    return new PriceKey(model, "us-east-1", PriceKey.STANDARD, Instant.parse(at));
  }

  private static UsageEvent event(String id, PriceKey key, Usage usage, Cost cost) {
    MeteredCall call =
        SampleCalls.converse()
            .id(id)
            .model(key.modelId())
            .startedAt(key.at())
            .tags("team", "search")
            .build();
    return SampleEvents.completed(call).usage(usage).cost(cost).build();
  }
}
