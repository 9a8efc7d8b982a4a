// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/** Long documents of a rerank request count more than once. */
class SearchUnitsTest {
  private static final String MODEL = "cohere.rerank-v3-5:0";

  private static String request(int documents, String document) {
    return "{\"query\":\"which is it?\",\"documents\":["
        + String.join(",", Collections.nCopies(documents, document))
        + "]}";
  }

  private static Reading read(String request) {
    return Invoked.model(MODEL).request(request).body("{\"results\":[]}").read();
  }

  private static long units(Reading reading) {
    return Invoked.usage(reading).count(Meter.SEARCH_UNITS);
  }

  @Test
  void shortDocumentsAreOneChunkEach() {
    Reading hundred = read(request(100, "\"a short text\""));
    Reading more = read(request(350, "\"a short text\""));

    assertThat(units(hundred)).isEqualTo(1);
    assertThat(units(more)).isEqualTo(4);
    assertThat(hundred.anomalies()).isEmpty();
    assertThat(more.anomalies()).isEmpty();
  }

  @Test
  void longDocumentsAreABoundAndAnAnomaly() {
    String words = "\"" + "word ".repeat(3_600) + "\"";
    for (String document :
        new String[] {words, "{\"title\":\"t\",\"body\":{\"text\":[" + words + "]}}"}) {
      Reading reading = read(request(100, document));

      assertThat(units(reading)).isGreaterThanOrEqualTo(100 * 3_600 / 512 / 100);
      assertThat(Invoked.anomalies(reading)).containsExactly(Anomaly.Kind.UPPER_BOUND_COUNTED);
    }
  }

  @Test
  void aDocumentNearTheSizeOfAChunkIsNotSurelyOne() {
    Reading reading = read(request(100, "\"" + "x".repeat(600) + "\""));

    assertThat(units(reading)).isEqualTo(2);
    assertThat(Invoked.anomalies(reading)).containsExactly(Anomaly.Kind.UPPER_BOUND_COUNTED);
  }

  @Test
  void whatTheResponseStatesIsWhatCounts() {
    Reading reading =
        Invoked.model(MODEL)
            .request(request(100, "\"" + "word ".repeat(3_600) + "\""))
            .body("{\"results\":[],\"meta\":{\"billed_units\":{\"search_units\":7}}}")
            .read();

    assertThat(units(reading)).isEqualTo(7);
    assertThat(reading.anomalies()).isEmpty();
  }

  @Test
  void theRequestAloneIsBoundedInTheSameWay() {
    Reading asked =
        RequestedUnits.of(
            Invoked.model(MODEL)
                .request(request(100, "\"" + "word ".repeat(3_600) + "\""))
                .asRequest());

    assertThat(units(asked)).isGreaterThanOrEqualTo(7);
  }
}
