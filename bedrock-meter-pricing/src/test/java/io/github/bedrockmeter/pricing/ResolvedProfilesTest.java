// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.price.Cost;
import io.github.bedrockmeter.price.PriceKey;
import io.github.bedrockmeter.pricing.ProfileResolver.Answer;
import io.github.bedrockmeter.pricing.ProfileResolver.ResolvedModel;
import io.github.bedrockmeter.usage.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ResolvedProfilesTest {
  private static final String PROFILE =
      "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abcdefghijkl";
  private static final String ROUTER =
      "arn:aws:bedrock:eu-west-1:123456789012:default-prompt-router/anthropic.claude:1";

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-22T00:00:00Z"));
  private final AtomicInteger asked = new AtomicInteger();

  @Test
  void aProfileIsAskedForOnceHoweverManyCallsUseIt() {
    PriceCatalog prices = resolving(ResolvedModel.of("eu.anthropic.claude-sonnet-4-6"));

    assertThat(price(prices, PROFILE)).isEqualTo("$3.3");
    assertThat(price(prices, PROFILE)).isEqualTo("$3.3");
    assertThat(asked).hasValue(1);
  }

  @Test
  void callersThatComeTogetherAskOnce() throws InterruptedException, ExecutionException {
    CountDownLatch go = new CountDownLatch(1);
    PriceCatalog prices =
        catalog(
            arn -> {
              asked.incrementAndGet();
              return new Answer.Found(List.of(ResolvedModel.of("eu.amazon.nova-pro-v1:0")));
            });
    ExecutorService threads = Executors.newFixedThreadPool(8);

    List<Future<String>> answers = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      answers.add(
          threads.submit(
              () -> {
                go.await();
                return price(prices, PROFILE);
              }));
    }
    go.countDown();

    for (Future<String> answer : answers) {
      assertThat(answer.get()).isEqualTo("$0.92");
    }
    assertThat(asked).hasValue(1);
    threads.shutdownNow();
  }

  @Test
  void whatCouldNotBeResolvedIsUnpricedAndAskedAgainLater() {
    PriceCatalog prices =
        catalog(
            arn -> {
              if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("no permission");
              }
              return new Answer.Found(List.of(ResolvedModel.of("eu.amazon.nova-pro-v1:0")));
            });

    assertThat(price(prices, PROFILE)).contains("unknown").contains("no permission");
    assertThat(price(prices, PROFILE)).contains("unknown");
    assertThat(asked).hasValue(1);
    now.updateAndGet(instant -> instant.plus(Duration.ofMinutes(10)));
    assertThat(price(prices, PROFILE)).isEqualTo("$0.92");
    assertThat(asked).hasValue(2);
  }

  @Test
  void aliasesGoBeforeTheResolver() {
    PriceCatalog prices =
        PriceCatalog.builder()
            .resolver(arn -> new Answer.Missing("must not be asked"))
            .alias(PROFILE, "global.anthropic.claude-sonnet-4-6")
            .build();

    assertThat(price(prices, PROFILE)).isEqualTo("$3");
  }

  @Test
  void aRouterIsPricedByTheHighestPricedModelItMayPick() {
    PriceCatalog prices =
        resolving(
            ResolvedModel.of("eu.anthropic.claude-haiku-4-5-20251001-v1:0"),
            ResolvedModel.of("eu.anthropic.claude-sonnet-4-6"));

    assertThat(price(prices, ROUTER)).isEqualTo("$3.3");
  }

  @Test
  void theScopeThatTheResolverFindsSetsThePrice() {
    PriceCatalog prices =
        resolving(new ResolvedModel("anthropic.claude-sonnet-4-6", PriceScope.GLOBAL, null, ""));

    assertThat(price(prices, PROFILE)).isEqualTo("$3");
  }

  @Test
  void withoutAResolverTheReasonSaysWhatToDo() {
    assertThat(price(PriceCatalog.bundled(), PROFILE))
        .contains("map it with alias(..) or configure a ProfileResolver");
  }

  @Test
  void aResolverThatFailsBlocksNoOtherCall() {
    PriceCatalog prices =
        catalog(
            arn -> {
              throw new StackOverflowError();
            });

    try {
      price(prices, PROFILE);
    } catch (StackOverflowError expected) {
      asked.incrementAndGet();
    }

    assertThat(asked).hasValue(1);
    assertThat(price(prices, PROFILE)).contains("unknown");
  }

  private PriceCatalog resolving(ResolvedModel... targets) {
    return catalog(
        arn -> {
          asked.incrementAndGet();
          return new Answer.Found(List.of(targets));
        });
  }

  private PriceCatalog catalog(ProfileResolver resolver) {
    return PriceCatalog.builder().resolver(resolver).clock(now::get).build();
  }

  private static String price(PriceCatalog prices, String arn) {
    Cost cost =
        prices.costOf(
            new PriceKey(arn, "eu-west-1", "standard", Instant.parse("2026-11-22T00:00:00Z")),
            Usage.ofTokens(1_000_000, 0));
    return cost.toString();
  }
}
