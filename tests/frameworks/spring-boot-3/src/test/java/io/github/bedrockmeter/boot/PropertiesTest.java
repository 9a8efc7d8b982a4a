// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.ledger.Ledger;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/** What properties do, and the sentences that wrong ones end in. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class PropertiesTest {
  private static final String DAILY = "bedrock.meter.budgets.daily.";

  /** The starter's configurations alone, so that a case takes a moment. */
  private final ApplicationContextRunner context =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  io.github.bedrockmeter.spring.BedrockMeterAutoConfiguration.class,
                  io.github.bedrockmeter.spring.BedrockMeterTagsAutoConfiguration.class))
          .withPropertyValues("bedrock.meter.ledger.type=memory");

  @TempDir Path directory;

  @Test
  void everyKeyOfABudgetCanBeAProperty() {
    context
        .withPropertyValues(
            DAILY + "limit=25.00 USD",
            DAILY + "window=daily in Europe/Berlin",
            DAILY + "per=tenant",
            DAILY + "per-model=false",
            DAILY + "when.models=*anthropic.claude*",
            DAILY + "when.tags.env=prod,staging",
            DAILY + "warn-at=0.5,0.8,1",
            DAILY + "mode=shadow",
            DAILY + "unknown-price=conservative",
            DAILY + "on-shortfall=fit-output",
            DAILY + "least-output-tokens=512",
            DAILY + "require-max-tokens=true",
            DAILY + "default-max-tokens=4000",
            DAILY + "require-bound=true",
            DAILY + "fallback.model=amazon.nova-lite-v1:0",
            DAILY + "fallback.at-share=0.9",
            DAILY + "wait-up-to=2s",
            DAILY + "grants[0].scope=tenant=acme",
            DAILY + "grants[0].extra=50.00 USD",
            DAILY + "grants[0].until=forever",
            DAILY + "grants[0].reason=launch week")
        .withInitializer(
            // A name with a sign that the runner would take for the end of the name.
            application ->
                application
                    .getEnvironment()
                    .getPropertySources()
                    .addFirst(
                        new MapPropertySource(
                            "scopes",
                            Map.of(
                                DAILY + "limits[tenant=acme]", "100.00 USD",
                                DAILY + "frozen[tenant=globex]", "contract ended"))))
        .run(
            started -> {
              assertThat(started).hasNotFailed();
              Budget budget = started.getBean(BedrockMeter.class).control("daily").budget();
              assertThat(budget.limit()).isEqualTo(Amount.usd("25.00"));
              assertThat(budget.toString()).contains("daily in Europe/Berlin");
              assertThat(budget.mode()).isEqualTo(Budget.Mode.SHADOW);
              assertThat(budget.onShortfall()).isEqualTo(Budget.OnShortfall.FIT_OUTPUT);
              assertThat(budget.leastOutputTokens()).isEqualTo(512);
            });
  }

  @Test
  void mistakesInBudgetsAreSentencesWithTheirProperties() {
    assertThat(
            failure(
                DAILY + "limit=25.10",
                DAILY + "window=daily in Europe/Berln",
                DAILY + "per=tenant",
                DAILY + "limits[acme]=100.00 USD"))
        .contains("bedrock.meter.budgets.daily.limit: '25.10' is not an amount")
        .contains("bedrock.meter.budgets.daily.window: 'Europe/Berln' is not a known time zone")
        .contains("did you mean 'Europe/Berlin'?")
        .contains("did you mean 'tenant=acme'?");
  }

  @Test
  void otherMistakesAreSentencesToo() {
    assertThat(failure("bedrock.meter.tags.user=#{princpal}"))
        .contains("bedrock.meter.tags: tag 'user'")
        .contains("did you mean 'principal'?");
    assertThat(failure("bedrock.meter.ledger.type=redis"))
        .contains(
            "bedrock.meter.ledger.type: redis needs one bean of type LettuceConnectionFactory");
    assertThat(failure("bedrock.meter.ledger.type=dynamodb"))
        .contains("needs the dependency io.github.bedrockmeter:bedrock-meter-dynamodb");
    assertThat(failure("bedrock.meter.ledger.leased=true"))
        .contains("bedrock.meter.ledger.leased: a ledger in memory has no slices to lease");
    assertThat(failure("bedrock.meter.ledger.prefix=shop"))
        .contains("bedrock.meter.ledger.prefix: a ledger in memory has no use for a prefix")
        .contains("bedrock.meter.ledger.type to jdbc or redis");
    assertThat(failure("bedrock.meter.ledger.data-source=main"))
        .contains("bedrock.meter.ledger.data-source: a ledger in memory has no use for");
    assertThat(failure("bedrock.meter.ledger.table=shop"))
        .contains("bedrock.meter.ledger.table: a ledger in memory has no use for");
    assertThat(failure("bedrock.meter.ledger.timeout=0s"))
        .contains("bedrock.meter.ledger.timeout: ledgerTimeout must be positive");
    assertThat(failure("bedrock.meter.budgets-file.location=missing.yaml"))
        .contains("bedrock.meter.budgets-file: missing.yaml cannot be read: it does not exist");
    assertThat(failure("bedrock.meter.prices.overlays=missing.json"))
        .contains("bedrock.meter.prices.overlays");
  }

  @Test
  void aPropertyThatThereIsNotIsAnError() {
    context
        .withPropertyValues(DAILY + "limit=1 requests", DAILY + "widnow=lifetime")
        .run(
            started ->
                assertThat(started)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining("bedrock.meter.budgets.daily.widnow"));
  }

  @Test
  void aFileOfBudgetsIsWatched() throws IOException {
    Path file = directory.resolve("budgets.yaml");
    Files.writeString(file, "budgets:\n  - {name: a, limit: 1 requests, window: lifetime}\n");

    context
        .withPropertyValues("bedrock.meter.budgets-file.location=" + file)
        .run(
            started ->
                assertThat(started.getBean(BedrockMeter.class).control("a").budget().limit())
                    .isEqualTo(Amount.requests(1)));
    assertThat(
            failure(
                "bedrock.meter.budgets-file.location=" + file,
                DAILY + "limit=1 requests",
                DAILY + "window=lifetime"))
        .contains("bedrock.meter.budgets: the file of bedrock.meter.budgets-file.location");
  }

  /** The metadata is what editors complete; it is made from the properties themselves. */
  @Test
  void everyPropertyIsOnTheirPage() throws IOException {
    String page = Files.readString(Path.of("../../../docs/spring.md"));
    List<String> missing = new ArrayList<>();
    for (URL metadata :
        Collections.list(
            getClass()
                .getClassLoader()
                .getResources("META-INF/spring-configuration-metadata.json"))) {
      for (JsonNode property : new ObjectMapper().readTree(read(metadata)).path("properties")) {
        String name = property.path("name").asText();
        if (name.startsWith("bedrock.meter.")) {
          assertThat(property.path("description").asText()).as(name).isNotEmpty();
          String shown = name.substring("bedrock.meter.".length());
          if (!page.contains("`" + shown + "`") && !page.contains("`" + shown + ".<")) {
            missing.add(shown);
          }
        }
      }
    }

    assertThat(missing).isEmpty();
  }

  private static byte[] read(URL resource) throws IOException {
    try (InputStream in = resource.openStream()) {
      return in.readAllBytes();
    }
  }

  @Test
  void offMeansOff() {
    context
        .withPropertyValues("bedrock.meter.enabled=false")
        .run(started -> assertThat(started).doesNotHaveBean(BedrockMeter.class));
  }

  @Test
  void theApplicationsOwnMeterIsUsed() {
    context
        .withUserConfiguration(OwnMeter.class)
        .run(
            started -> {
              assertThat(started).hasSingleBean(BedrockMeter.class);
              assertThat(started.getBean(BedrockMeter.class)).isSameAs(OwnMeter.METER);
            });
  }

  @Test
  void theApplicationsOwnLedgerIsUsedAndStaysOpen() {
    context
        .withUserConfiguration(OwnLedger.class)
        .withPropertyValues(DAILY + "limit=0 requests", DAILY + "window=lifetime")
        .run(started -> assertThat(started).hasSingleBean(Ledger.class));
  }

  @Test
  void tagsOfMetricsThatCollideAreRefusedByTheirProperty() {
    context
        .withConfiguration(
            AutoConfigurations.of(
                io.github.bedrockmeter.spring.BedrockMeterMetricsAutoConfiguration.class))
        .withBean(SimpleMeterRegistry.class)
        .withPropertyValues("bedrock.meter.metrics.tags=cost-center,cost.center")
        .run(
            started ->
                assertThat(analysed(started.getStartupFailure()))
                    .contains("bedrock.meter.metrics.tags: tags 'cost-center' and 'cost.center'"));
  }

  @Test
  void offMeansNoJournalEither() {
    context
        .withConfiguration(
            AutoConfigurations.of(
                io.github.bedrockmeter.spring.BedrockMeterJournalAutoConfiguration.class))
        .withPropertyValues("bedrock.meter.enabled=false", "bedrock.meter.journal.enabled=true")
        .run(started -> assertThat(started).hasNotFailed());
  }

  @Test
  void twoLedgersAreRefusedUntilOneIsPrimary() {
    context
        .withUserConfiguration(OwnLedger.class)
        .withBean("second", Ledger.class, Ledger::inMemory)
        .run(
            started ->
                assertThat(analysed(started.getStartupFailure()))
                    .contains("bedrock.meter.ledger.type", "several", "second", "@Primary"));
    context
        .withUserConfiguration(OwnLedger.class)
        .withBean("second", Ledger.class, Ledger::inMemory, bean -> bean.setPrimary(true))
        .run(started -> assertThat(started).hasNotFailed());
  }

  @Test
  void severalMetersLeaveClientsAsTheyAre() {
    context
        .withConfiguration(
            AutoConfigurations.of(
                io.github.bedrockmeter.spring.BedrockMeterMetricsAutoConfiguration.class,
                io.github.bedrockmeter.spring.BedrockMeterActuatorAutoConfiguration.class))
        .withUserConfiguration(OwnMeter.class)
        .withBean("second", BedrockMeter.class, () -> BedrockMeter.builder().build())
        .withBean(SimpleMeterRegistry.class)
        .withBean(
            BedrockRuntimeClient.class,
            () ->
                new BedrockRuntimeClient() {
                  @Override
                  public String serviceName() {
                    return "bedrock";
                  }

                  @Override
                  public void close() {}
                })
        .run(
            started -> {
              assertThat(started).hasNotFailed();
              assertThat(BedrockMeter.isMetered(started.getBean(BedrockRuntimeClient.class)))
                  .isFalse();
            });
  }

  /** Executors finish their tasks first, which may make calls; Redis's clients end last. */
  @Test
  void theMeterWaitsForSettlementsAfterExecutorsAndBeforeRedis() {
    context.run(
        started -> {
          int phase = started.getBean("bedrockMeterShutdown", SmartLifecycle.class).getPhase();
          assertThat(phase)
              .isLessThan(new ThreadPoolTaskExecutor().getPhase())
              .isGreaterThan(new LettuceConnectionFactory().getPhase());
        });
  }

  private String failure(String... properties) {
    StringBuilder analysis = new StringBuilder();
    context
        .withPropertyValues(properties)
        .run(
            started -> {
              Throwable failed = started.getStartupFailure();
              assertThat(failed).isNotNull();
              analysis.append(analysed(failed));
            });
    return analysis.toString();
  }

  /** As Boot does it: by the analyzers that jars register. */
  private static String analysed(Throwable failure) {
    for (FailureAnalyzer analyzer :
        SpringFactoriesLoader.forDefaultResourceLocation(PropertiesTest.class.getClassLoader())
            .load(FailureAnalyzer.class, (type, name, notMade) -> {})) {
      if (analyzer.getClass().getName().startsWith("io.github.bedrockmeter")) {
        FailureAnalysis analysis = analyzer.analyze(failure);
        if (analysis != null) {
          return analysis.getDescription() + "\n" + analysis.getAction();
        }
      }
    }
    throw new AssertionError("no sentence for it", failure);
  }

  /** An application that builds its meter itself. */
  @Configuration(proxyBeanMethods = false)
  static class OwnMeter {
    static final BedrockMeter METER = BedrockMeter.builder().build();

    @Bean
    BedrockMeter meter() {
      return METER;
    }
  }

  /** An application with a ledger of its own. */
  @Configuration(proxyBeanMethods = false)
  static class OwnLedger {
    @Bean
    Ledger ledger() {
      return Ledger.inMemory();
    }
  }
}
