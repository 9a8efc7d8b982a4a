// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.Skipped;
import io.github.bedrockmeter.report.progress.Progress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** How tools write records into files, beside the lines that Bedrock itself writes. */
class LogFileShapesTest {
  private static final LogLines LINES = LogLines.pricedBy(PriceSource.catalog());

  private static final String A = record("a");
  private static final String B = record("b");
  private static final String C = record("c");

  @Test
  void anArrayWithARecordOnEachLineHasNoTornLine() throws IOException {
    assertAll("[" + A + ",\n" + B + ",\n" + C + "]\n");
    assertAll("[" + A + ",\r\n" + B + ",\r\n" + C + "\r\n]");
    assertAll("[ " + A + ",\n\n" + B + ", " + C + "]");
  }

  @Test
  void linesThatEndOrBeginWithACommaAreRecords() throws IOException {
    assertAll(A + ",\n" + B + ",\n" + C);
    assertAll(A + " ,\r\n" + B + ",\r\n" + C + ",\r\n");
    assertAll(A + "\n," + B + "\n, " + C + "\n");
  }

  @Test
  void aDocumentMayBeginItsFirstMemberOnItsFirstLine() throws IOException {
    assertAll(broken(A) + "\n" + broken(B) + "\n" + broken(C));
    assertAll("{ \"events\": [\n{\"message\": " + A + "},\n{\"message\":" + B + "}, " + C + "]}");
    assertAll("{\"next\": null,\n \"events\": [" + A + ", " + B + ",\n" + C + "]}");
  }

  @Test
  void aFirstLineThatIsCutOffLosesNoOtherLine() throws IOException {
    for (String end :
        List.of("\"input\":", "\"input\":{", "\"inputTokenCount\":1000", "\"content\":[{", ",")) {
      String torn = A.substring(0, A.indexOf(end) + end.length());

      Found found = read((torn + "\n" + A + "\n" + B + "\n" + C + "\n").getBytes(UTF_8));

      assertThat(found.requests()).as(end).containsExactly("a", "b", "c");
      assertThat(found.skipped()).as(end).hasSize(1);
    }
    Found alone = read(A.substring(0, A.indexOf(',') + 1).getBytes(UTF_8));
    assertThat(alone.requests()).isEmpty();
    assertThat(alone.skipped()).containsExactly(Skipped.Reason.TORN_LINE);
  }

  @Test
  void recordsWithoutAnyLineEndAreReadHoweverManyThereAre() throws IOException {
    int most = 20_000;
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < most; i++) {
      text.append(record(i + "-" + "x".repeat(800)));
    }

    Found found = read((text + "\n" + A).getBytes(UTF_8));

    assertThat(found.skipped()).isEmpty();
    assertThat(found.requests()).hasSize(most + 1);
  }

  @Test
  void aLongLineThatIsNoJsonIsCountedAndTheNextIsRead() throws IOException {
    Found found = read(("x".repeat(20_000_000) + "\n" + A + "\n").getBytes(UTF_8));

    assertThat(found.skipped()).containsExactly(Skipped.Reason.TORN_LINE);
    assertThat(found.requests()).containsExactly("a");
  }

  @Test
  void aFileThatWasCompressedTwiceIsUnpackedTwice() throws IOException {
    byte[] once = gzipped((A + "\n" + B + "\n" + C + "\n").getBytes(UTF_8));

    assertAll(gzipped(once));
  }

  @Test
  void whatWasUnpackedBeforeADamageIsRead() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes, true)) {
      gzip.write((A + "\n" + B + "\n").getBytes(UTF_8));
      gzip.flush();
      gzip.write((C + "\n").getBytes(UTF_8));
    }
    byte[] cut = Arrays.copyOf(bytes.toByteArray(), bytes.size() - 12);

    Found found = read(cut);

    assertThat(found.requests()).containsExactly("a", "b");
    assertThat(found.skipped()).contains(Skipped.Reason.DAMAGED_FILE);
  }

  @Test
  void aFileOfUtf16AsPowerShellWritesItIsRead() throws IOException {
    String text = A + "\r\n" + B + "\r\n" + C.replace("one, two", "🎉日本".repeat(9_000)) + "\r\n";

    assertAll(text.getBytes(UTF_16));
    assertAll(("\ufeff" + text).getBytes(UTF_16LE));
    assertAll(gzipped(("\ufeff [\r\n" + A + ",\r\n" + B + "," + C + "]").getBytes(UTF_16LE)));
  }

  @Test
  void partsOfAGzipFileAreReadFromAStreamThatPromisesNothing() throws IOException {
    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    List<Integer> ends = new ArrayList<>();
    for (String one : List.of(A, B, C)) {
      parts.write(gzipped((one + "\n").getBytes(UTF_8)));
      ends.add(parts.size());
    }
    byte[] bytes = parts.toByteArray();

    // As a connection: a part at a time, and nothing is available before it is read.
    InputStream slow =
        new InputStream() {
          private int at;

          @Override
          public int read() {
            return at == bytes.length ? -1 : bytes[at++] & 0xFF;
          }

          @Override
          public int read(byte[] into, int from, int most) {
            if (at == bytes.length) {
              return -1;
            }
            int stop = ends.stream().filter(end -> end > at).findFirst().orElse(bytes.length);
            int count = Math.min(most, stop - at);
            System.arraycopy(bytes, at, into, from, count);
            at += count;
            return count;
          }
        };
    assertThat(read(slow).requests()).containsExactly("a", "b", "c");
  }

  @Test
  void namesThatFirehoseGivesAreThoseOfLogs() {
    String name = "meter-logs-1-2026-10-05-12-00-00-5f0e4a52-1d2c-4d0b-9a57-0123456789ab";

    assertThat(LogKeys.refused("2026/10/05/12/" + name)).isNull();
    assertThat(LogKeys.refused("2026/10/05/12/" + name + ".gz")).isNull();
    assertThat(LogKeys.refused("20261005T120000000Z_0123456789abcdef")).isNull();
    assertThat(LogKeys.refused("README")).isEqualTo(Skipped.Reason.NOT_A_LOG_FILE);
    assertThat(LogKeys.refused("2026/10/05/12/data/" + name)).isEqualTo(Skipped.Reason.LARGE_BODY);
  }

  private record Found(List<String> requests, List<Skipped.Reason> skipped) {}

  private static void assertAll(String text) throws IOException {
    assertAll(text.getBytes(UTF_8));
  }

  private static void assertAll(byte[] bytes) throws IOException {
    Found found = read(bytes);
    assertThat(found.skipped()).isEmpty();
    assertThat(found.requests()).containsExactly("a", "b", "c");
  }

  private static Found read(byte[] bytes) throws IOException {
    return read(new ByteArrayInputStream(bytes));
  }

  private static Found read(InputStream in) {
    Found found = new Found(new ArrayList<>(), new ArrayList<>());
    FactSink sink =
        new FactSink() {
          @Override
          public void call(CallFacts facts) {
            found.requests().add(String.valueOf(facts.identity().requestId()));
          }

          @Override
          public void skipped(Skipped what) {
            found.skipped().add(what.reason());
          }
        };
    LogFile file = LogFile.of("a.json", in, LINES, Progress.NONE);
    while (file.next(sink)) {
      // until its end
    }
    return found;
  }

  private static String record(String request) {
    return """
        {"timestamp":"2026-11-28T07:43:10Z","requestId":"%s","region":"us-east-1","operation":"Converse",\
        "modelId":"amazon.nova-lite-v1:0","input":{"inputTokenCount":1000,"inputBodyJson":{"messages":[\
        {"role":"user","content":[{"text":"one, two"}]}]}},"output":{"outputTokenCount":625}}"""
        .formatted(request);
  }

  /** The record over many lines, of which the first has a member. */
  private static String broken(String record) {
    return "{ " + record.substring(1).replace(",\"", ",\n  \"");
  }

  private static byte[] gzipped(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(plain);
    }
    return bytes.toByteArray();
  }
}
