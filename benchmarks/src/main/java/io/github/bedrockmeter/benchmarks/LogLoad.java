// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.logs.LogFolder;
import io.github.bedrockmeter.report.logs.LogLines;
import io.github.bedrockmeter.report.logs.PriceSource;
import io.github.bedrockmeter.report.progress.Progress;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

/**
 * Prints how long a folder of invocation logs takes to become facts, priced and tagged, beside how
 * long the engine itself takes to load the same columns of the same files into a table.
 */
public final class LogLoad {
  private static final int FILES = 8;
  private static final int ROUNDS = 3;

  /** What both load: the record's columns, its counts and its metadata. */
  private static final String ENGINE =
      """
      CREATE OR REPLACE TABLE loaded AS
      SELECT timestamp, accountId, region, inferenceRegion, requestId, operation, modelId, errorCode,
             "identity".arn, "input".inputTokenCount, "input".cacheReadInputTokenCount,
             "input".cacheWriteInputTokenCount, "output".outputTokenCount,
             "output".outputBodyJson.metrics.latencyMs, "output".outputBodyJson.usage,
             "output".outputBodyJson.serviceTier.type, requestMetadata
      FROM read_json(%s, format = 'newline_delimited', ignore_errors = true, columns = {
        timestamp: 'TIMESTAMP', accountId: 'VARCHAR', region: 'VARCHAR', inferenceRegion: 'VARCHAR',
        requestId: 'VARCHAR', operation: 'VARCHAR', modelId: 'VARCHAR', errorCode: 'VARCHAR',
        "identity": 'STRUCT(arn VARCHAR)',
        "input": 'STRUCT(inputTokenCount BIGINT, cacheReadInputTokenCount BIGINT, cacheWriteInputTokenCount BIGINT)',
        "output": 'STRUCT(outputTokenCount BIGINT, outputBodyJson STRUCT(metrics STRUCT(latencyMs BIGINT), usage STRUCT(inputTokens BIGINT, outputTokens BIGINT, totalTokens BIGINT, cacheReadInputTokens BIGINT, cacheWriteInputTokens BIGINT), serviceTier STRUCT(type VARCHAR)))',
        requestMetadata: 'MAP(VARCHAR, VARCHAR)'})
      """;

  private LogLoad() {}

  /** Arguments: how many lines. */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("bedrock-meter-logs-");
    measure(folder, args.length == 0 ? 1_000_000 : Integer.parseInt(args[0]), ROUNDS, System.out);
  }

  /** Writes lines into a folder and measures; returns the ratio of the best rounds, in per cent. */
  static long measure(Path folder, int lines, int rounds, PrintStream out) throws IOException {
    for (int file = 0; file < FILES; file++) {
      write(
          folder.resolve("20261001T0" + file + "0000000Z_000000000000000" + file + ".json.gz"),
          file,
          lines / FILES);
    }
    long engine = Long.MAX_VALUE;
    long facts = Long.MAX_VALUE;
    for (int round = 0; round < rounds; round++) {
      engine = Math.min(engine, engine(folder));
      facts = Math.min(facts, facts(folder));
    }
    long percent = 100 * facts / Math.max(1, engine);
    out.printf(
        "%,d lines: the engine alone %,d ms; as facts, priced, with charges and tags %,d ms; %d.%02d times%n",
        lines / FILES * FILES, engine, facts, percent / 100, percent % 100);
    return percent;
  }

  private static long engine(Path folder) {
    long began = System.nanoTime();
    try (FactTables tables = FactTables.open(FactTables.Options.defaults().withFiles(folder))) {
      tables.run(ENGINE.formatted(FactTables.text(folder.toAbsolutePath() + "/*.json.gz")));
    }
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
  }

  private static long facts(Path folder) {
    long began = System.nanoTime();
    try (FactTables tables = FactTables.open(FactTables.Options.defaults())) {
      LogFolder.of(List.of(folder))
          .readInto(tables, LogLines.pricedBy(PriceSource.catalog()), Progress.NONE);
    }
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
  }

  private static void write(Path file, int number, int lines) throws IOException {
    Random random = new Random(number);
    try (OutputStream out =
        new GZIPOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      for (int i = 0; i < lines; i++) {
        out.write(line(random, number, i).getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  /** A record of 1 to 2 kB. */
  private static String line(Random random, int file, int number) {
    int input = random.nextInt(9_000);
    int output = random.nextInt(900);
    StringBuilder text = new StringBuilder();
    while (text.length() < 300 + number % 5 * 100) {
      text.append(Long.toString(random.nextLong(), Character.MAX_RADIX)).append(' ');
    }
    return """
        {"timestamp":"%s","accountId":"123456789012","region":"us-east-1","requestId":"%08x-%04x-4000-a000-%012x",\
        "operation":"Converse","modelId":"amazon.nova-lite-v1:0","input":{"inputContentType":"application/json",\
        "inputBodyJson":{"messages":[{"role":"user","content":[{"text":"%s"}]}]},"inputTokenCount":%d},\
        "output":{"outputContentType":"application/json","outputBodyJson":{"output":{"message":{"role":"assistant",\
        "content":[{"text":"%s"}]}},"stopReason":"end_turn","metrics":{"latencyMs":454},"usage":{"inputTokens":%d,\
        "outputTokens":%d,"totalTokens":%d}},"outputTokenCount":%d},"requestMetadata":{"team":"team-%d","costCenter":"cc-%d"},\
        "identity":{"arn":"arn:aws:sts::123456789012:assumed-role/app/session"},"schemaType":"ModelInvocationLog","schemaVersion":"1.0"}
        """
        .formatted(
            Instant.parse("2026-10-01T00:00:00Z").plusSeconds(number),
            random.nextInt(),
            file,
            number,
            text,
            input,
            text,
            input,
            output,
            input + output,
            output,
            number % 25,
            number % 5);
  }
}
