// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * AWS's "Specification: Embedded metric format", with the limits of its pages on Dimension,
 * MetricDatum and PutMetricData, as a check of one line. It knows nothing of the code under test.
 * Where the specification was stricter in earlier versions (9 dimensions, 256 KB), so is this.
 */
final class EmfSpecification {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private static final Set<String> UNITS =
      Set.of(
          ("Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits"
                  + " Kilobits Megabits Gigabits Terabits Percent Count Bytes/Second"
                  + " Kilobytes/Second Megabytes/Second Gigabytes/Second Terabytes/Second"
                  + " Bits/Second Kilobits/Second Megabits/Second Gigabits/Second"
                  + " Terabits/Second Count/Second None")
              .split(" "));

  private static final Pattern NAMESPACE = Pattern.compile("[^:][A-Za-z0-9._/#: -]{0,254}");
  private static final BigDecimal LARGEST =
      new BigDecimal(BigInteger.TWO.pow(360)); // and as much below zero

  private EmfSpecification() {}

  /**
   * Checks a line.
   *
   * @param sentAt when it reaches CloudWatch, which takes no data of long ago or of the future
   */
  static JsonNode check(String line, Instant sentAt) {
    assertThat(line.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(256 * 1_024);
    JsonNode root = parse(line);
    assertThat(root.isObject()).as(line).isTrue();
    JsonNode aws = root.path("_aws");
    assertThat(names(aws)).containsExactlyInAnyOrder("Timestamp", "CloudWatchMetrics");
    assertThat(aws.path("Timestamp").isIntegralNumber()).isTrue();
    assertThat(Instant.ofEpochMilli(aws.path("Timestamp").longValue()))
        .isBetween(sentAt.minus(Duration.ofDays(14)), sentAt.plus(Duration.ofHours(2)));
    assertThat(aws.path("CloudWatchMetrics").isArray()).isTrue();
    assertThat(aws.path("CloudWatchMetrics")).isNotEmpty();
    aws.path("CloudWatchMetrics").forEach(directive -> checkDirective(directive, root));
    return root;
  }

  static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException notJson) {
      throw new UncheckedIOException(line, notJson);
    }
  }

  private static void checkDirective(JsonNode directive, JsonNode root) {
    assertThat(names(directive)).containsExactlyInAnyOrder("Namespace", "Dimensions", "Metrics");
    assertThat(directive.path("Namespace").isTextual()).isTrue();
    assertThat(directive.path("Namespace").textValue()).matches(NAMESPACE).doesNotStartWith("AWS/");

    Set<String> dimensions = new HashSet<>();
    assertThat(directive.path("Dimensions").isArray()).isTrue();
    assertThat(directive.path("Dimensions")).isNotEmpty();
    for (JsonNode set : directive.path("Dimensions")) {
      assertThat(set.isArray()).isTrue();
      assertThat(set).hasSizeLessThanOrEqualTo(9);
      Set<String> own = new HashSet<>();
      for (JsonNode dimension : set) {
        assertThat(dimension.isTextual()).isTrue();
        assertThat(own.add(dimension.textValue())).isTrue();
        checkName(dimension.textValue(), 250);
        assertThat(dimension.textValue()).doesNotStartWith(":");
        checkDimensionTarget(root.get(dimension.textValue()), dimension.textValue());
      }
      dimensions.addAll(own);
    }
    assertThat(dimensions).hasSizeLessThanOrEqualTo(30);

    Set<String> metrics = new HashSet<>();
    assertThat(directive.path("Metrics").isArray()).isTrue();
    assertThat(directive.path("Metrics")).hasSizeBetween(1, 100);
    for (JsonNode metric : directive.path("Metrics")) {
      assertThat(names(metric))
          .contains("Name")
          .isSubsetOf(List.of("Name", "Unit", "StorageResolution"));
      String name = metric.path("Name").textValue();
      assertThat(metrics.add(name)).as(name).isTrue();
      checkName(name, 255);
      assertThat(metric.path("Unit").asText("None")).isIn(UNITS);
      assertThat(metric.path("StorageResolution").asInt(60)).isIn(1, 60);
      checkMetricTarget(root.get(name), name);
    }
    assertThat(metrics).noneMatch(dimensions::contains);
  }

  private static void checkName(String name, int most) {
    assertThat(name).isNotBlank().hasSizeLessThanOrEqualTo(most).isPrintable();
    assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(name)).as(name).isTrue();
  }

  private static void checkDimensionTarget(JsonNode value, String name) {
    assertThat(value).as(name).isNotNull();
    assertThat(value.isTextual()).as(name).isTrue();
    String text = value.textValue();
    assertThat(text).isNotBlank().hasSizeBetween(1, 1_024);
    assertThat(text.chars().allMatch(c -> c >= ' ' && c < 0x7f)).as(text).isTrue();
  }

  private static void checkMetricTarget(JsonNode value, String name) {
    assertThat(value).as(name).isNotNull();
    if (value.isArray()) {
      assertThat(value).hasSizeBetween(1, 100);
      value.forEach(one -> checkNumber(one, name));
    } else {
      checkNumber(value, name);
    }
  }

  private static void checkNumber(JsonNode value, String name) {
    assertThat(value.isNumber()).as(name).isTrue();
    assertThat(value.decimalValue().abs()).as(name).isLessThanOrEqualTo(LARGEST);
  }

  static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
