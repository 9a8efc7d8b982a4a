// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.logs;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import io.github.bedrockmeter.internal.reading.JsonNames;
import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.Skipped;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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

  /** As a document has it that is written for people: a brace, and a short member. */
  private static final int LONGEST_OPENING = 256;

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
    int end = end(bytes, start, length);
    if (start == end) {
      return; // a blank line is nothing
    }
    if (bytes[start] != '{' && bytes[start] != '[') {
      sink.skipped(place.skipped(LogText.reasonOf(bytes, start, end)));
      return;
    }
    Envelopes envelopes = new Envelopes(place, calls(), sink); // prices that fail are no torn line
    try (JsonParser json = JsonNames.ofRequests().createParser(bytes, start, end - start)) {
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

  /**
   * Where JSON begins; the length if the line is blank. An export puts a time before it, a list of
   * one record a line may put a comma.
   */
  private static int start(byte[] bytes, int length) {
    int start = 0;
    if (length > 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB) {
      start = 3; // a byte order mark
    }
    while (start < length && (isBlank(bytes[start]) || bytes[start] == ',')) {
      start++;
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

  /** Whether a line begins as JSON does. */
  static boolean isJson(byte[] bytes, int length) {
    int start = start(bytes, length);
    return start < length && (bytes[start] == '{' || bytes[start] == '[');
  }

  /**
   * Whether a file's first line may begin a document of many lines: it ends where a value or a
   * member is to follow.
   */
  static boolean mayBeginDocument(byte[] bytes, int length) {
    if (!isJson(bytes, length)) {
      return false;
    }
    int last = length - 1;
    while (isBlank(bytes[last])) {
      last--;
    }
    return ",{[".indexOf((char) bytes[last]) >= 0;
  }

  /**
   * Whether a first line and the next one are of one document, and not a record that is cut off and
   * another one: the next one goes on with a member, or with an element of the whole list. Within a
   * record a list goes on so too, so a long line is not taken for a document there.
   */
  static boolean beginDocument(byte[] first, byte[] second, int length) {
    byte[] both = Arrays.copyOf(first, first.length + length);
    System.arraycopy(second, 0, both, first.length, length);
    try (JsonParser json = JsonNames.ofRequests().createParser(both)) {
      JsonToken token = json.nextToken();
      while (token != null && json.currentTokenLocation().getByteOffset() < first.length) {
        token = json.nextToken();
      }
      if (token == null || token == JsonToken.FIELD_NAME || token == JsonToken.END_OBJECT) {
        return token != null;
      }
      JsonStreamContext around = json.getParsingContext();
      if (token.isStructStart()) {
        around = around.getParent();
      }
      return around.getParent() == null
          || around.getParent().inRoot()
          || first.length <= LONGEST_OPENING;
    } catch (IOException | RuntimeException noJson) {
      return false;
    }
  }

  static boolean isBlank(byte[] bytes, int length) {
    return start(bytes, length) == length;
  }

  /** Where a line ends; a list of one record a line has commas after them. */
  private static int end(byte[] bytes, int start, int length) {
    int end = length;
    while (end > start && (isBlank(bytes[end - 1]) || bytes[end - 1] == ',')) {
      end--;
    }
    return end;
  }

  private static boolean isBlank(byte letter) {
    return letter == ' ' || letter == '\t' || letter == '\r';
  }
}
