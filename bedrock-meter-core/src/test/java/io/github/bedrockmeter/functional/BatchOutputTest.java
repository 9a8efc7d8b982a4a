// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.BedrockMeter.BatchRecord;
import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceBook;
import io.github.bedrockmeter.price.Rates;
import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.regions.Region;

/** The output files of batch jobs. Lines after the documented form. */
class BatchOutputTest {
  private static final String CLAUDE = "anthropic.claude-sonnet-4-6";
  private static final Rates STANDARD = rates("10", "50");
  private static final Rates BATCH = rates("5", "25");
  private static final PriceBook PRICES =
      (key, usage) -> (key.tier().equals("batch") ? BATCH : STANDARD).costOf(usage);

  private final BedrockMeter meter = BedrockMeter.builder().prices(PRICES).build();

  private static Rates rates(String input, String output) {
    return Rates.builder("test")
        .perMillion(Meter.INPUT, input)
        .perMillion(Meter.OUTPUT, output)
        .build();
  }

  private List<BatchRecord> read(String model, String... lines) {
    return meter
        .readBatch(model, Region.US_EAST_1, Instant.parse("2026-11-01T00:00:00Z"), Stream.of(lines))
        .toList();
  }

  @Test
  void anAnswerIsReadLikeInvokeModelsAndChargedAtBatchPrices() {
    BatchRecord record =
        read(
                CLAUDE,
                "{\"modelInput\":{\"max_tokens\":9},\"modelOutput\":{\"model\":\"claude\",\"usage\":"
                    + "{\"input_tokens\":1000000,\"output_tokens\":1000000}},\"recordId\":\"R1\"}")
            .get(0);

    assertThat(record.recordId()).isEqualTo("R1");
    assertThat(record.error()).isNull();
    assertThat(record.usage()).isNotNull();
    assertThat(record.usage().totalTokens()).isEqualTo(2_000_000);
    assertThat(record.cost().atLeastUsd()).isEqualByComparingTo("30");
    assertThat(record.anomalies()).isEmpty();
  }

  @Test
  void anAnswerOfConversesFormIsReadToo() {
    BatchRecord record =
        read(
                "us.amazon.nova-lite-v1:0",
                "{\"recordId\":\"R2\",\"modelInput\":{\"messages\":[]},\"modelOutput\":{\"output\":{},"
                    + "\"usage\":{\"inputTokens\":4,\"outputTokens\":5,\"totalTokens\":19,"
                    + "\"cacheReadInputTokens\":10,\"cacheWriteInputTokens\":0}}}")
            .get(0);

    assertThat(record.usage()).isNotNull();
    assertThat(record.usage().cacheReadTokens()).isEqualTo(10);
    assertThat(record.usage().outputTokens()).isEqualTo(5);
  }

  @Test
  void aFailedRecordCostsNothingAndKeepsItsCodeAlone() {
    BatchRecord record =
        read(
                CLAUDE,
                "{\"recordId\":\"R3\",\"modelInput\":{},\"error\":{\"errorCode\":400,"
                    + "\"errorMessage\":\"bad: secret prompt\",\"expired\":false}}")
            .get(0);

    assertThat(record.error()).isEqualTo("400");
    assertThat(record.usage()).isEqualTo(Usage.NONE);
    assertThat(record.cost()).isEqualTo(Cost.NOTHING);
    assertThat(record.toString()).doesNotContain("secret");
  }

  @Test
  void whatCannotBeReadIsUnknownAndNeverZero() {
    List<BatchRecord> records =
        read(CLAUDE, "{\"recordId\":\"R4\",\"modelOutput\":", "", "[]", "{\"recordId\":\"R5\"}");

    assertThat(records).hasSize(3);
    assertThat(records)
        .allSatisfy(
            record -> {
              assertThat(record.usage()).isNull();
              assertThat(record.cost()).isInstanceOf(Cost.Unknown.class);
              assertThat(record.anomalies())
                  .extracting(Anomaly::kind)
                  .containsExactly(Anomaly.Kind.UNREADABLE);
            });
  }

  @Test
  void aFamilyThatReportsCountsInHeadersAloneIsUnknown() {
    BatchRecord record =
        read(
                "mistral.mistral-7b-instruct-v0:2",
                "{\"recordId\":\"R6\",\"modelInput\":{},\"modelOutput\":{\"outputs\":[{\"text\":\"x\"}]}}")
            .get(0);

    assertThat(record.cost()).isInstanceOf(Cost.Unknown.class);
    assertThat(record.anomalies())
        .extracting(Anomaly::kind)
        .containsExactly(Anomaly.Kind.USAGE_MISSING);
  }

  @Test
  void whatOnlyTheRequestStatesIsCountedInTheRecordsInput() {
    BatchRecord record =
        read(
                "amazon.nova-canvas-v1:0",
                "{\"recordId\":\"R7\",\"modelInput\":{\"imageGenerationConfig\":{\"width\":2048}},"
                    + "\"modelOutput\":{\"images\":[\"a\",\"b\"]}}")
            .get(0);

    assertThat(record.usage()).isNotNull();
    assertThat(record.usage().count(Meter.outputImages("2048", "standard"))).isEqualTo(2);
  }
}
