// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.bedrockmeter.internal.reading.JsonNames;
import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.Skipped;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From a line of an invocation log to facts: one function, which can be sent to other machines, and
 * the same for every use. A line is a record, or an envelope of records as CloudWatch, Firehose and
 * Logs Insights make them. Never throws for what is in a line: what is no record is skipped, with
 * the reason. No text of a prompt or an answer is kept.
 *
 * <p>Thread-safe.
 */
public final class LogLines implements Serializable {
  private static final long serialVersionUID = 1L;

  private final PriceSource prices;
  private transient volatile @Nullable LogCalls calls;

  private LogLines(PriceSource prices) {
    this.prices = prices;
  }

  /** Lines whose calls are priced by a book. */
  public static LogLines pricedBy(PriceSource prices) {
    return new LogLines(prices);
  }

  /** What a line states. Immutable. */
  public record Facts(List<CallFacts> calls, List<Skipped> skipped) implements Serializable {
    public Facts {
      calls = List.copyOf(calls);
      skipped = List.copyOf(skipped);
    }
  }

  /**
   * The facts of a line.
   *
   * @param file where it is from, as it is to be shown
   * @param line its number, from 1
   */
  public Facts read(String file, long line, String text) {
    List<CallFacts> found = new ArrayList<>();
    List<Skipped> skipped = new ArrayList<>();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    read(
        new Place(file, line),
        bytes,
        bytes.length,
        new FactSink() {
          @Override
          public void call(CallFacts facts) {
            found.add(facts);
          }

          @Override
          public void skipped(Skipped what) {
            skipped.add(what);
          }
        });
    return new Facts(found, skipped);
  }

  /** Reads the first bytes of a buffer. */
  void read(Place place, byte[] bytes, int length, FactSink sink) {
    int start = start(bytes, length);
    if (start == length) {
      return; // a blank line is nothing
    }
    if (bytes[start] != '{' && bytes[start] != '[') {
      sink.skipped(place.skipped(LogText.reasonOf(bytes, start, length)));
      return;
    }
    Envelopes envelopes = new Envelopes(place, calls(), sink); // prices that fail are no torn line
    try (JsonParser json = JsonNames.ofRequests().createParser(bytes, start, length - start)) {
      envelopes.read(json);
    } catch (IOException | RuntimeException torn) {
      sink.skipped(place.torn(torn));
    }
  }

  /** Reads a file that is one document over many lines. */
  void readDocument(String file, InputStream in, FactSink sink) {
    Place place = new Place(file, 1);
    Envelopes envelopes = new Envelopes(place, calls(), sink);
    try (JsonParser json = JsonNames.ofRequests().createParser(in)) {
      envelopes.read(json);
    } catch (IOException | RuntimeException torn) {
      sink.skipped(place.torn(torn));
    }
  }

  /** Where JSON begins; the length if the line is blank. An export puts a time before it. */
  private static int start(byte[] bytes, int length) {
    int start = 0;
    while (start < length
        && (bytes[start] == ' ' || bytes[start] == '\t' || bytes[start] == '\r')) {
      start++;
    }
    if (length - start > 3 && bytes[start] == (byte) 0xEF && bytes[start + 1] == (byte) 0xBB) {
      start += 3; // a byte order mark
    }
    int end = LogText.endOfTime(bytes, start, length);
    return end > start ? end : start;
  }

  private LogCalls calls() {
    LogCalls made = calls;
    if (made == null) {
      made = new LogCalls(prices.book());
      calls = made;
    }
    return made;
  }

  /** Whether a file's first line begins a document of many lines. */
  static boolean beginsDocument(byte[] bytes, int length) {
    try (JsonParser json = JsonNames.ofRequests().createParser(bytes, 0, length)) {
      JsonToken first = json.nextToken();
      if (first == null || !first.isStructStart()) {
        return false;
      }
      JsonToken second = json.nextToken();
      if (second == JsonToken.START_OBJECT) {
        second = json.nextToken();
      }
      // "{", "[" or "[{" alone: nothing else is on the line.
      return second == null;
    } catch (IOException | RuntimeException cutOff) {
      String text = new String(bytes, 0, length, StandardCharsets.UTF_8).strip();
      return text.equals("{") || text.equals("[") || text.replaceAll("\\s", "").equals("[{");
    }
  }
}
