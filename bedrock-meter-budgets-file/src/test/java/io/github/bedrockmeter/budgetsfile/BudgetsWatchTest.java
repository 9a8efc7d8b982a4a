// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.budgetsfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.BudgetChange;
import io.github.bedrockmeter.budget.BudgetDecision;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.event.MeterListener;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** A file whose budgets a meter has in force; slf4j-simple writes to System.err. */
class BudgetsWatchTest {
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);

  /** What each call is charged: the answer's one input and 54 output tokens. */
  private static final long ONE_CALL = 55;

  private static final Message HELLO =
      Message.builder().role(ConversationRole.USER).content(ContentBlock.fromText("Hello")).build();

  @TempDir Path folder;

  private final PrintStream err = System.err;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final FakeBedrock bedrock = FakeBedrock.start();
  private final List<BudgetChange> changes = new CopyOnWriteArrayList<>();
  private final List<Reload> reloads = new CopyOnWriteArrayList<>();
  private final BedrockMeter meter =
      BedrockMeter.builder()
          .listener(
              new MeterListener() {
                @Override
                public void onBudgetChanged(BudgetChange change) {
                  changes.add(change);
                }
              })
          .clock(() -> Instant.parse("2026-11-23T21:00:00Z"))
          .ledgerTimeout(LONG_ENOUGH)
          .build();
  private final BedrockRuntimeClient client = meter.wrap(bedrock.client());
  private Path file = Path.of("");

  @BeforeEach
  void listen() {
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    bedrock.onAnyModel().reply(Reply.text("Hi").inputTokens(1).outputTokens(54));
    file = folder.resolve("budgets.yaml");
  }

  @AfterEach
  void leave() {
    System.setErr(err);
    bedrock.close();
  }

  /** Replaces the file as a whole, as the documentation advises. */
  private void write(String text) {
    try {
      Path beside = Files.writeString(folder.resolve("beside"), text);
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private static String limit(String amount) {
    return "budgets: [{name: team, limit: " + amount + ", window: daily in UTC, per: team}]";
  }

  private void call() {
    client.converse(
        request ->
            request
                .modelId("amazon.nova-lite-v1:0")
                .messages(HELLO)
                .inferenceConfig(inference -> inference.maxTokens(100))
                .overrideConfiguration(BedrockMeter.tags("team", "search")));
  }

  private BudgetStatus status() {
    return meter.status().join().get(0);
  }

  private BudgetsWatch onDemand() {
    return BudgetsFile.onDemand(file, meter, reloads::add);
  }

  @Test
  void aReloadKeepsWhatWasSpent() {
    write(limit("1000 tokens"));
    BudgetsWatch watch = onDemand();
    call();

    write(limit("60 tokens"));
    Reload reload = watch.reload();

    assertThat(reload).isInstanceOf(Reload.Replaced.class);
    assertThat(status().settled()).isEqualTo(Amount.tokens(ONE_CALL));
    assertThat(status().limit()).isEqualTo(Amount.tokens(60));
    assertThatThrownBy(this::call)
        .isInstanceOf(BudgetExceededException.class)
        .hasMessageContaining("has 5 tokens left");
    assertThat(changes)
        .extracting(BudgetChange::reason)
        .containsExactly("read " + file, "reloaded " + file);
    assertThat(reloads).containsExactly(reload);
  }

  @Test
  void aFileWithAMistakeLeavesTheOldBudgetsInForceAndIsReportedOnce() {
    write(limit("1000 tokens"));
    BudgetsWatch watch = onDemand();
    call();

    write(limit("10_000 tokenz"));
    Reload first = watch.reload();
    Reload second = watch.reload();

    assertThat(first).isInstanceOf(Reload.Refused.class);
    assertThat(second).isEqualTo(new Reload.Unchanged());
    assertThat(reloads).containsExactly(first);
    assertThat(log.toString(StandardCharsets.UTF_8))
        .containsOnlyOnce("The budgets stay as they were, because of")
        .containsOnlyOnce(
            file
                + ":1:31: '10_000 tokenz' is not in USD, tokens or requests (did you mean"
                + " 'tokens'?)");
    assertThat(status().limit()).isEqualTo(Amount.tokens(1_000));
    assertThat(status().settled()).isEqualTo(Amount.tokens(ONE_CALL));

    write(limit("10_000 tokens"));
    assertThat(watch.reload()).isInstanceOf(Reload.Replaced.class);

    assertThat(status().limit()).isEqualTo(Amount.tokens(10_000));
    assertThat(status().settled()).isEqualTo(Amount.tokens(ONE_CALL));
  }

  @Test
  void everyContentWithAMistakeIsReportedOnce() {
    write(limit("1000 tokens"));
    BudgetsWatch watch = onDemand();

    write(limit("1 tokenz"));
    watch.reload();
    write(limit("2 tokenz"));
    watch.reload();
    write(limit("1000 tokens"));
    watch.reload();
    write(limit("2 tokenz"));
    watch.reload();

    assertThat(reloads).hasSize(3).hasOnlyElementsOfType(Reload.Refused.class);
  }

  @Test
  void aMissingFileLeavesTheBudgetsInForce() throws IOException {
    write(limit("1000 tokens"));
    BudgetsWatch watch = onDemand();

    Files.delete(file);
    Reload gone = watch.reload();
    Reload stillGone = watch.reload();
    write(limit("1000 tokens"));
    Reload back = watch.reload();

    assertThat(gone).isInstanceOf(Reload.Refused.class);
    assertThat(((Reload.Refused) gone).reason()).hasMessageContaining("cannot be read");
    assertThat(stillGone).isEqualTo(new Reload.Unchanged());
    assertThat(back).isEqualTo(new Reload.Unchanged());
    assertThat(meter.control("team").budget().limit()).isEqualTo(Amount.tokens(1_000));
  }

  @Test
  void aFileThatWasCutShortLeavesTheBudgetsInForce() {
    write(limit("1000 tokens"));
    BudgetsWatch watch = onDemand();

    for (String cut : List.of("", "budgets:", "budgets: [{name: team, limit: 10")) {
      write(cut);
      assertThat(watch.reload()).as(cut).isInstanceOf(Reload.Refused.class);
    }

    assertThat(meter.control("team").budget().limit()).isEqualTo(Amount.tokens(1_000));
  }

  @Test
  void aNewCommentChangesNothing() {
    write(limit("1000 tokens"));
    BudgetsWatch watch = onDemand();
    changes.clear();

    write("# The same.\n" + limit("1000 tokens"));

    assertThat(watch.reload()).isEqualTo(new Reload.Unchanged());
    assertThat(changes).isEmpty();
    assertThat(reloads).isEmpty();
  }

  @Test
  void onlyBudgetsThatChangedAreReportedAsChanged() {
    String first = "- {name: first, limit: 1 USD, window: lifetime, when: {models: a*}}\n";
    write("budgets:\n" + first + "- {name: second, limit: 1 USD, window: lifetime}\n");
    BudgetsWatch watch = onDemand();
    changes.clear();

    write(
        "budgets:\n"
            + first
            + "- {name: second, limit: 2 USD, window: lifetime}\n"
            + "- {name: third, limit: 2 USD, window: lifetime}\n");
    watch.reload();
    write("budgets:\n" + first);
    watch.reload();

    assertThat(changes)
        .extracting(change -> change.getClass().getSimpleName() + " " + change.budget())
        .containsExactly("Redefined second", "Added third", "Removed second", "Removed third");
  }

  @Test
  void grantsAndFreezesComeAndGoWithTheFile() {
    write(limit("50 tokens"));
    BudgetsWatch watch = onDemand();
    assertThatThrownBy(this::call).isInstanceOf(BudgetExceededException.class);

    String granted =
        limit("50 tokens")
            .replace(
                "}]",
                ", grants: [{scope: team=search, extra: 500 tokens,"
                    + " until: 2026-11-27T18:00:00Z, reason: launch week}]}]");
    write(granted);
    watch.reload();
    call();

    write(granted.replace("}]}]", "}], frozen: {team=search: runaway job}}]"));
    watch.reload();
    assertThatThrownBy(this::call)
        .isInstanceOfSatisfying(
            BudgetExceededException.class,
            refused ->
                assertThat(refused.denial().kind()).isEqualTo(BudgetDecision.DenialKind.FROZEN))
        .hasMessageContaining("runaway job");

    write(granted);
    watch.reload();
    call();
    assertThat(status().limit()).isEqualTo(Amount.tokens(550));
    assertThat(status().settled()).isEqualTo(Amount.tokens(2 * ONE_CALL));
  }

  @Test
  void aMistakeInTheFirstFileLeavesTheMeterUnchanged() {
    write(limit("1000"));

    assertThatThrownBy(this::onDemand)
        .isInstanceOf(BudgetsFileException.class)
        .hasMessageContaining("1000 is not an amount");
    assertThat(changes).isEmpty();
  }

  @Test
  void anExceptionOfTheCallbackIsLoggedAndChangesNothing() {
    write(limit("1000 tokens"));
    BudgetsWatch watch =
        BudgetsFile.onDemand(
            file,
            meter,
            reload -> {
              throw new IllegalStateException("the callback failed");
            });

    write(limit("2000 tokens"));

    assertThat(watch.reload()).isInstanceOf(Reload.Replaced.class);
    assertThat(meter.control("team").budget().limit()).isEqualTo(Amount.tokens(2_000));
    assertThat(log.toString(StandardCharsets.UTF_8)).contains("the callback failed");
  }

  @Test
  void anErrorOfTheCallbackIsLoggedAndTheWatchGoesOn() {
    write(limit("1000 tokens"));
    BudgetsWatch watch =
        BudgetsFile.watch(
            file,
            meter,
            Duration.ofMillis(10),
            reload -> {
              reloads.add(reload);
              throw new NoClassDefFoundError("com/acme/Alerts");
            });
    try {
      write(limit("2000 tokens"));
      await().atMost(LONG_ENOUGH).until(() -> reloads.size() == 1);
      write(limit("3000 tokens"));
      await().atMost(LONG_ENOUGH).until(() -> reloads.size() == 2);
    } finally {
      watch.close();
    }

    assertThat(meter.control("team").budget().limit()).isEqualTo(Amount.tokens(3_000));
    assertThat(log.toString(StandardCharsets.UTF_8)).contains("com/acme/Alerts");
  }

  @Test
  void aFileThatIsFarTooLargeIsRefusedAndTheWatchGoesOn() throws IOException {
    write(limit("1000 tokens"));
    BudgetsWatch watch = BudgetsFile.watch(file, meter, Duration.ofMillis(10), reloads::add);
    try {
      try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
        large.setLength(3_000_000_000L);
      }
      await().atMost(LONG_ENOUGH).until(() -> reloads.size() == 1);
      assertThat(reloads.get(0)).isInstanceOf(Reload.Refused.class);

      write(limit("2000 tokens"));
      await().atMost(LONG_ENOUGH).until(() -> reloads.size() == 2);
    } finally {
      watch.close();
    }

    assertThat(meter.control("team").budget().limit()).isEqualTo(Amount.tokens(2_000));
  }

  @Test
  void aPollPutsInForceWhatItReadTwice() {
    write(limit("1000 tokens"));
    BudgetsWatch watch = onDemand();

    write("budgets: []");
    watch.poll();
    write(limit("2000 tokens"));
    watch.poll();
    assertThat(reloads).isEmpty();
    watch.poll();

    assertThat(reloads).singleElement().isInstanceOf(Reload.Replaced.class);
    assertThat(meter.control("team").budget().limit()).isEqualTo(Amount.tokens(2_000));
  }

  @Test
  void aWatchReloadsUntilItIsClosed() {
    write(limit("1000 tokens"));
    BudgetsWatch watch = BudgetsFile.watch(file, meter, Duration.ofMillis(10), reloads::add);
    assertThat(watchers()).singleElement().matches(Thread::isDaemon);

    write(limit("2000 tokens"));
    await().atMost(LONG_ENOUGH).until(() -> reloads.size() == 1);
    write(limit("3000 tokenz"));
    await().atMost(LONG_ENOUGH).until(() -> reloads.size() == 2);
    write(limit("3000 tokens"));
    await().atMost(LONG_ENOUGH).until(() -> reloads.size() == 3);

    assertThat(reloads)
        .extracting(reload -> reload.getClass().getSimpleName())
        .containsExactly("Replaced", "Refused", "Replaced");
    watch.close();
    write(limit("4000 tokens"));
    assertThat(watch.reload()).isEqualTo(new Reload.Unchanged());
    await().atMost(LONG_ENOUGH).until(() -> watchers().isEmpty());
    assertThat(meter.control("team").budget().limit()).isEqualTo(Amount.tokens(3_000));
  }

  private static List<Thread> watchers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("bedrock-meter-budgets-file"))
        .toList();
  }

  @Test
  void aPollIntervalMustBePositive() {
    write(limit("1000 tokens"));

    assertThatThrownBy(() -> BudgetsFile.watch(file, meter, Duration.ZERO, reloads::add))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pollEvery must be at least one millisecond: PT0S; as PT5S");
  }
}
