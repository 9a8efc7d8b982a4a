// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spark;

import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampNTZType;

import io.github.bedrockmeter.report.facts.Amounts;
import io.github.bedrockmeter.report.facts.CallFacts;
import io.github.bedrockmeter.report.facts.CallFacts.Charge;
import io.github.bedrockmeter.report.facts.Skipped;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Facts as rows of Spark, with the columns that {@code lake/calls.sql} and {@code facts.sql} of
 * bedrock-meter-report explain. Stateless.
 */
final class FactRows {
  /** US dollars, exact. */
  static final DataType USD = DataTypes.createDecimalType(38, 18);

  private static final StructType CHARGE =
      new StructType()
          .add("meter", StringType)
          .add("units", LongType)
          .add("source", StringType)
          .add("usd", USD)
          .add("rate_usd", USD)
          .add("rate_per", LongType)
          .add("rate_basis", StringType)
          .add("rate_source", StringType);

  /** A call. */
  static final StructType CALLS =
      new StructType()
          .add("call", LongType)
          .add("source", StringType)
          .add("file", StringType)
          .add("line", LongType)
          .add("request_id", StringType)
          .add("call_id", StringType)
          .add("time", TimestampNTZType)
          .add("account", StringType)
          .add("region", StringType)
          .add("inference_region", StringType)
          .add("principal", StringType)
          .add("operation", StringType)
          .add("requested_model", StringType)
          .add("model_id", StringType)
          .add("model", StringType)
          .add("geography", StringType)
          .add("profile", StringType)
          .add("answered_by", StringType)
          .add("tier", StringType)
          .add("outcome", StringType)
          .add("error", StringType)
          .add("status_code", IntegerType)
          .add("elapsed_nanos", LongType)
          .add("first_chunk_nanos", LongType)
          .add("sent", StringType)
          .add("charge", StringType)
          .add("usage_source", StringType)
          .add("input_tokens", LongType)
          .add("output_tokens", LongType)
          .add("cache_read_tokens", LongType)
          .add("cache_write_tokens", LongType)
          .add("total_tokens", LongType)
          .add("cost_usd", USD)
          .add("cost_at_least_usd", USD)
          .add("unpriced_reason", StringType)
          .add("price_book", StringType)
          .add("estimated_tokens", LongType)
          .add("bound_tokens", LongType)
          .add("estimated_usd", USD)
          .add("attempts", IntegerType)
          .add("anomalies", StringType)
          .add("tags", DataTypes.createMapType(StringType, StringType))
          .add("charges", DataTypes.createArrayType(CHARGE));

  /** What is no call. */
  static final StructType SKIPPED =
      new StructType()
          .add("file", StringType)
          .add("line", LongType)
          .add("reason", StringType)
          .add("request_id", StringType);

  /** One of the two, the other is null: both come of one reading. */
  static final StructType EITHER = new StructType().add("call", CALLS).add("skipped", SKIPPED);

  private FactRows() {}

  static String[] names(StructType type) {
    return Arrays.stream(type.fields()).map(StructField::name).toArray(String[]::new);
  }

  /**
   * A call as a row of {@link #EITHER}.
   *
   * @throws ArithmeticException if an amount has more than 18 decimals; the message names the call
   */
  static Row of(long number, CallFacts facts) {
    Amounts.check(facts);
    List<@Nullable Object> row = new ArrayList<>(CALLS.size());
    row.add(number);
    add(row, facts.origin().source(), facts.origin().file(), facts.origin().line());
    CallFacts.Identity identity = facts.identity();
    add(row, identity.requestId(), identity.callId());
    row.add(LocalDateTime.ofInstant(identity.time(), ZoneOffset.UTC));
    add(
        row,
        identity.account(),
        identity.region(),
        identity.inferenceRegion(),
        identity.principal());
    CallFacts.Model model = facts.model();
    add(row, model.operation(), model.requested(), model.modelId(), model.base());
    add(row, model.geography(), model.profile(), model.answeredBy(), model.tier());
    CallFacts.Outcome outcome = facts.outcome();
    add(row, outcome.outcome(), outcome.error(), outcome.statusCode());
    add(row, outcome.elapsedNanos(), outcome.firstChunkNanos(), outcome.sent(), outcome.charge());
    CallFacts.Counts counts = facts.counts();
    add(row, counts.source(), counts.input(), counts.output());
    add(row, counts.cacheRead(), counts.cacheWrite(), counts.total());
    CallFacts.Money money = facts.money();
    add(row, usd(money.costUsd()), usd(money.atLeastUsd()));
    add(row, money.unpricedReason(), money.priceBook());
    add(row, money.estimatedTokens(), money.boundTokens(), usd(money.estimatedUsd()));
    add(row, outcome.attempts(), facts.anomalies());
    row.add(CollectionConverters.asScala(new TreeMap<>(facts.details().tags())));
    row.add(CollectionConverters.asScala(charges(facts.details().charges())).toSeq());
    return RowFactory.create(RowFactory.create(row.toArray()), null);
  }

  /** What is no call as a row of {@link #EITHER}. */
  static Row of(Skipped skipped) {
    return RowFactory.create(
        null,
        RowFactory.create(
            skipped.file(), skipped.line(), skipped.reason().words(), skipped.requestId()));
  }

  private static List<Row> charges(List<Charge> charges) {
    return charges.stream()
        .sorted(Comparator.comparing(Charge::meter))
        .map(
            charge ->
                RowFactory.create(
                    charge.meter(),
                    charge.units(),
                    charge.source(),
                    usd(charge.usd()),
                    usd(charge.rateUsd()),
                    charge.ratePer(),
                    charge.rateBasis(),
                    charge.rateSource()))
        .toList();
  }

  private static @Nullable BigDecimal usd(@Nullable BigDecimal value) {
    return value == null ? null : Amounts.exact(value);
  }

  private static void add(List<@Nullable Object> row, @Nullable Object... values) {
    row.addAll(Arrays.asList(values));
  }
}
