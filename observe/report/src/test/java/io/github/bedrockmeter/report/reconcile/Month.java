// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reconcile;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.report.progress.Progress;
import io.github.bedrockmeter.usage.Usage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a month of invocation logs and the journal of the same calls, with planted differences. It
 * shares no code with what reads them: lines are written here as texts. Confined to one thread.
 */
final class Month {
  static final String CANARY = "canary-in-the-prompt";
  static final int OF_EACH = 40;

  private static final int MODELS = 40;
  private static final Instant START = Instant.parse("2026-10-01T00:00:00Z");
  private static final String HOME = "us-east-1";
  private static final List<String> KINDS =
      List.of("missing", "extra", "tokens", "tier", "region", "duplicate", "rogue");

  private final Random random;
  private final int lines;
  private final int files;
  private final List<String> models = new ArrayList<>();
  private final Map<Integer, String> planted = new TreeMap<>();

  /** What is to be found: the kind of difference by request id. */
  private final Map<String, String> expected = new LinkedHashMap<>();

  private final MonthJournal journal;
  private final Path folder;

  Month(long seed, int lines, int files, Path folder, MonthJournal journal) {
    this.random = new Random(seed);
    this.lines = lines;
    this.files = files;
    this.folder = folder;
    this.journal = journal;
    PriceKey none = new PriceKey("", HOME, PriceKey.STANDARD, START);
    for (String model : PriceCatalog.bundled().models()) {
      boolean isPriced =
          PriceCatalog.bundled().costOf(none.withModelId(model), Usage.ofTokens(1, 1))
              instanceof Cost.Known;
      boolean isText =
          !model.matches(
              ".*(embed|image|canvas|reel|rerank|sonic|pegasus|marengo|luma|stability|diffusion|ray|openai|transcribe|speech).*");
      if (isPriced && isText && models.size() < MODELS) {
        models.add(model);
      }
    }
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < lines; i++) {
      places.add(i);
    }
    Collections.shuffle(places, random);
    for (int i = 0; i < KINDS.size() * OF_EACH; i++) {
      planted.put(places.get(i), KINDS.get(i % KINDS.size()));
    }
  }

  int models() {
    return models.size();
  }

  Map<String, String> expected() {
    return expected;
  }

  /** Writes logs and journal; is notified of lines. */
  void write(Progress progress) throws IOException, SQLException {
    progress.begin("writing a month", lines);
    String repeated = null;
    for (int file = 0; file < files; file++) {
      int from = (int) ((long) lines * file / files);
      int until = (int) ((long) lines * (file + 1) / files);
      Path path = folder.resolve(name(file));
      Files.createDirectories(path.getParent());
      try (OutputStream out =
          new GZIPOutputStream(new BufferedOutputStream(Files.newOutputStream(path)), 1 << 16)) {
        for (int i = from; i < until; i++) {
          Call call = call(i);
          progress.advance(1);
          String kind = planted.getOrDefault(i, "");
          String line = written(call, kind);
          if (line != null) {
            out.write(line.getBytes(StandardCharsets.UTF_8));
          }
          if (kind.equals("duplicate")) {
            repeated = line; // the same record comes once more, in this file or in the next
          }
          if (repeated != null && random.nextInt(4) == 0 && !kind.equals("duplicate")) {
            out.write(repeated.getBytes(StandardCharsets.UTF_8));
            repeated = null;
          } else if (repeated != null && kind.equals("duplicate")) {
            out.write(repeated.getBytes(StandardCharsets.UTF_8));
            repeated = null;
          }
        }
        torn(out, lines + file);
      }
    }
    journal.finish();
    progress.end();
  }

  private String name(int file) {
    Instant at = at((int) ((long) lines * file / files));
    String hour = at.toString().substring(0, 13).replace('-', '/').replace('T', '/');
    return "AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/%s/%sZ_%016x.json.gz"
        .formatted(hour, at.toString().substring(0, 19).replaceAll("[-:]", "") + "000", file);
  }

  private Instant at(int i) {
    return START.plus(Duration.ofDays(31).multipliedBy(i).dividedBy(lines + 1L + files));
  }

  /** The last line of a file, cut off behind its beginning; the meter has its call. */
  private void torn(OutputStream out, int i) throws IOException, SQLException {
    Call call = call(Math.min(i, lines + files - 1));
    journal.add(call, call.output, PriceKey.STANDARD, HOME);
    String line = line(call, HOME, null, call.principal);
    out.write(line.substring(0, line.length() / 2).getBytes(StandardCharsets.UTF_8));
    expected.put(call.requestId, "torn");
  }

  /** Journals a call as its kind demands; returns its line in the log, null if that is missing. */
  private @Nullable String written(Call call, String kind) throws SQLException {
    switch (kind) {
      case "missing" -> {
        journal.add(call, call.output, PriceKey.STANDARD, HOME);
        expected.put(call.requestId, "unlogged");
        return null;
      }
      case "extra" -> expected.put(call.requestId, "unmetered");
      case "rogue" -> {
        expected.put(call.requestId, "unmetered");
        return line(call, HOME, null, "arn:aws:iam::123456789012:user/rogue-" + call.number % 3);
      }
      case "tokens" -> {
        journal.add(call, call.output + 1 + random.nextInt(50), PriceKey.STANDARD, HOME);
        expected.put(call.requestId, "tokens");
      }
      case "tier" -> {
        journal.add(call, call.output, PriceKey.STANDARD, HOME);
        expected.put(call.requestId, "tier");
        return line(call, HOME, "flex", call.principal);
      }
      case "region" -> {
        journal.add(call, call.output, PriceKey.STANDARD, HOME);
        expected.put(call.requestId, "region");
        return line(call, "us-west-2", null, call.principal);
      }
      default -> {
        journal.add(call, call.output, PriceKey.STANDARD, HOME);
        if (kind.equals("duplicate")) {
          expected.put(call.requestId, "duplicate");
        }
      }
    }
    return line(call, HOME, null, call.principal);
  }

  /** A call as the caller made it. Immutable. */
  static final class Call {
    final int number;
    final String requestId;
    final String callId;
    final Instant at;
    final String model;
    final String principal;
    final long input;
    final long output;
    final long cacheRead;
    final long cacheWrite1h;
    final boolean failed;
    final boolean answerLost;
    final Map<String, String> tags;

    private Call(Month month, int i) {
      Random random = new Random(month.seedOf(i));
      this.number = i;
      this.requestId =
          "%08x-%04x-4%03x-a%03x-%012x"
              .formatted(
                  random.nextInt(), i & 0xFFFF, random.nextInt(0x1000), random.nextInt(0x1000), i);
      this.callId = "c%08x".formatted(i); // in order, which fills a database sooner
      this.at = month.at(i);
      this.model = month.models.get(random.nextInt(month.models.size()));
      this.principal =
          "arn:aws:sts::123456789012:assumed-role/app-%d/session-%d"
              .formatted(random.nextInt(6), random.nextInt(4));
      this.failed = month.planted.get(i) == null && i < month.lines && random.nextInt(100) == 0;
      this.answerLost = month.planted.get(i) == null && i < month.lines && random.nextInt(100) == 0;
      this.input = failed ? 0 : 5 + random.nextInt(4_000);
      this.output = failed ? 0 : 1 + random.nextInt(900);
      boolean caches = model.startsWith("anthropic.") && !failed && random.nextInt(3) == 0;
      this.cacheRead = caches ? random.nextInt(20_000) : 0;
      this.cacheWrite1h = caches && random.nextBoolean() ? 1 + random.nextInt(2_000) : 0;
      this.tags = new TreeMap<>();
      tags.put("team", "team-" + random.nextInt(10));
      tags.put("applicationId", "app-" + random.nextInt(10));
      if (random.nextBoolean()) {
        tags.put("costCenter", "cc-" + random.nextInt(5));
      }
    }
  }

  private long seedOf(int i) {
    return 0x5DEECE66DL * (i + 7) + lines;
  }

  private Call call(int i) {
    return new Call(this, i);
  }

  private String line(Call call, String region, @Nullable String tier, String principal) {
    StringBuilder line = new StringBuilder(2_000);
    line.append("{\"timestamp\":\"").append(call.at.toString(), 0, 19).append("Z\"");
    line.append(",\"accountId\":\"123456789012\",\"region\":\"").append(region);
    line.append("\",\"requestId\":\"").append(call.requestId);
    String style =
        call.model.startsWith("anthropic.") && tier == null
            ? List.of("Converse", "InvokeModel", "InvokeModelWithResponseStream")
                .get(call.number % 3)
            : call.number % 2 == 0 ? "Converse" : "ConverseStream";
    line.append("\",\"operation\":\"").append(style);
    line.append("\",\"modelId\":\"").append(call.model).append("\"");
    String text =
        (CANARY + " " + call.number + " \\\"quoted\\\" words and a line\\n ")
            .repeat(6 + call.number % 8);
    line.append(
            ",\"input\":{\"inputContentType\":\"application/json\",\"inputBodyJson\":{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"")
        .append(text)
        .append("\"}]}]}");
    if (call.failed) {
      line.append("},\"output\":{},\"errorCode\":\"ThrottlingException\"");
    } else {
      line.append(",\"inputTokenCount\":").append(call.input);
      if (call.cacheRead + call.cacheWrite1h > 0) {
        line.append(",\"cacheReadInputTokenCount\":").append(call.cacheRead);
        line.append(",\"cacheWriteInputTokenCount\":").append(call.cacheWrite1h);
      }
      line.append("},\"output\":{\"outputContentType\":\"application/json\",\"outputBodyJson\":");
      line.append(
          switch (style) {
            case "InvokeModel" -> message(call, text);
            case "InvokeModelWithResponseStream" -> chunks(call, text);
            default -> converse(call, text, tier);
          });
      line.append(",\"outputTokenCount\":").append(call.output).append("}");
    }
    line.append(",\"requestMetadata\":{\"bedrockMeterCall\":\"").append(call.callId).append("\"");
    call.tags.forEach((name, value) -> line.append(",\"" + name + "\":\"" + value + "\""));
    line.append("},\"identity\":{\"arn\":\"").append(principal);
    line.append("\"},\"schemaType\":\"ModelInvocationLog\",\"schemaVersion\":\"1.0\"}\n");
    return line.toString();
  }

  private static String usage(Call call) {
    return String.format(
        Locale.ROOT,
        "\"input_tokens\":%d,\"cache_creation_input_tokens\":%d,\"cache_read_input_tokens\":%d,"
            + "\"cache_creation\":{\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":%d},\"service_tier\":\"standard\"",
        call.input,
        call.cacheWrite1h,
        call.cacheRead,
        call.cacheWrite1h);
  }

  private static String message(Call call, String text) {
    return "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\""
        + text
        + "\"}],\"stop_reason\":\"end_turn\",\"usage\":{"
        + usage(call)
        + ",\"output_tokens\":"
        + call.output
        + "}}";
  }

  private static String chunks(Call call, String text) {
    return "[{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"usage\":{"
        + usage(call)
        + ",\"output_tokens\":1}}},{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""
        + text
        + "\"}},{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":"
        + call.output
        + "}},{\"type\":\"message_stop\",\"amazon-bedrock-invocationMetrics\":{\"inputTokenCount\":"
        + call.input
        + ",\"outputTokenCount\":"
        + call.output
        + ",\"invocationLatency\":900}}]";
  }

  private static String converse(Call call, String text, @Nullable String tier) {
    String cached =
        call.cacheRead + call.cacheWrite1h == 0
            ? ""
            : ",\"cacheReadInputTokens\":"
                + call.cacheRead
                + ",\"cacheWriteInputTokens\":"
                + call.cacheWrite1h
                + (call.cacheWrite1h == 0
                    ? ""
                    : ",\"cacheDetails\":[{\"ttl\":\"1h\",\"inputTokens\":"
                        + call.cacheWrite1h
                        + "}]");
    return "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":\""
        + text
        + "\"}]}},\"stopReason\":\"end_turn\",\"metrics\":{\"latencyMs\":454}"
        + (tier == null ? "" : ",\"serviceTier\":{\"type\":\"" + tier + "\"}")
        + ",\"usage\":{\"inputTokens\":"
        + call.input
        + ",\"outputTokens\":"
        + call.output
        + ",\"totalTokens\":"
        + (call.input + call.output + call.cacheRead + call.cacheWrite1h)
        + cached
        + "}}";
  }
}
