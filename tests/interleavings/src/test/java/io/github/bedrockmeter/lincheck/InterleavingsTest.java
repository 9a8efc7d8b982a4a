// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.lincheck;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.HoldResult.Refused;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.BooleanGen;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * The in-memory ledger is linearizable: whatever threads do at the same time, there is an order of
 * their operations in which the simplest ledger one can write, {@link Model}, answers the same.
 */
class InterleavingsTest {
  private static final int LIMIT = 11;

  /** What both accounts are charged before, so that they are not made in each run. */
  private static final int CHARGED = 1;

  private static final List<Account> ACCOUNTS = List.of(account("one"), account("other"));

  private static Account account(String budget) {
    return new Account(budget, Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);
  }

  /** Holds of the ledger under test; answers are text, so that they can be compared. */
  @Param(name = "id", gen = IntGen.class, conf = "1:4")
  @Param(name = "amount", gen = IntGen.class, conf = "4:7")
  @Param(name = "account", gen = IntGen.class, conf = "0:1")
  @Param(name = "otherFirst", gen = BooleanGen.class)
  public static class Holding {
    final Ledger ledger = Ledger.inMemory(() -> Instant.EPOCH, () -> 0, 10);

    /** A ledger whose accounts exist. */
    public Holding() {
      ACCOUNTS.forEach(account -> now(ledger.adjust(account, CHARGED)));
    }

    static Hold enforced(int id, int amount, int account) {
      return new Hold("call-" + id, ACCOUNTS.get(account), amount, LIMIT, true);
    }

    static <T> T now(CompletionStage<T> answer) {
      return answer.toCompletableFuture().join();
    }

    private String hold(List<Hold> holds) {
      return now(ledger.hold(holds)) instanceof Refused refused
          ? "refused, left " + refused.shortfalls().stream().map(s -> s.available()).toList()
          : "held";
    }

    @Operation
    public String hold(
        @Param(name = "id") int id,
        @Param(name = "amount") int amount,
        @Param(name = "account") int account) {
      return hold(List.of(enforced(id, amount, account)));
    }

    @Operation
    public String holdBoth(
        @Param(name = "id") int id,
        @Param(name = "amount") int amount,
        @Param(name = "otherFirst") boolean otherFirst) {
      int first = otherFirst ? 1 : 0;
      return hold(List.of(enforced(id, amount, first), enforced(id, amount, 1 - first)));
    }

    @Operation
    public String balance(@Param(name = "account") int account) {
      return text(now(ledger.balances(List.of(ACCOUNTS.get(account)))).get(0));
    }

    static String text(Balance balance) {
      return "settled " + balance.settled() + ", held " + balance.held();
    }
  }

  /** All that can be done to the ledger under test. */
  @Param(name = "id", gen = IntGen.class, conf = "1:4")
  @Param(name = "amount", gen = IntGen.class, conf = "4:7")
  @Param(name = "delta", gen = IntGen.class, conf = "-4:4")
  @Param(name = "account", gen = IntGen.class, conf = "0:1")
  @Param(name = "otherFirst", gen = BooleanGen.class)
  public static class Everything extends Holding {
    @Operation
    public String settle(
        @Param(name = "id") int id,
        @Param(name = "amount") int actual,
        @Param(name = "account") int account) {
      return text(
          now(ledger.settle(List.of(enforced(id, 0, account)), new long[] {actual})).get(0));
    }

    @Operation
    public String release(@Param(name = "id") int id, @Param(name = "account") int account) {
      return text(
          now(ledger.release(new OpenHold("call-" + id, ACCOUNTS.get(account), 0, null, false))));
    }

    @Operation
    public String adjust(@Param(name = "delta") int delta, @Param(name = "account") int account) {
      return text(now(ledger.adjust(ACCOUNTS.get(account), delta)));
    }

    private static String text(Settled step) {
      return step.before() + " to " + step.after();
    }
  }

  /** The simplest ledger, for one thread. */
  public static class Model {
    private final List<Map<Integer, Integer>> open = List.of(new HashMap<>(), new HashMap<>());
    private final int[] settled = {CHARGED, CHARGED};

    private int held(int account) {
      return open.get(account).values().stream().mapToInt(Integer::intValue).sum();
    }

    private String hold(int id, int amount, List<Integer> accounts) {
      List<Integer> left = new ArrayList<>();
      for (int account : accounts) {
        int available = LIMIT - settled[account] - held(account);
        if (amount > available && !open.get(account).containsKey(id)) {
          left.add(available);
        }
      }
      if (!left.isEmpty()) {
        return "refused, left " + left;
      }
      accounts.forEach(account -> open.get(account).putIfAbsent(id, amount));
      return "held";
    }

    public String hold(int id, int amount, int account) {
      return hold(id, amount, List.of(account));
    }

    public String holdBoth(int id, int amount, boolean otherFirst) {
      return hold(id, amount, otherFirst ? List.of(1, 0) : List.of(0, 1));
    }

    public String settle(int id, int actual, int account) {
      int before = settled[account];
      if (open.get(account).remove(id) != null) {
        settled[account] += actual;
      }
      return before + " to " + settled[account];
    }

    public String release(int id, int account) {
      open.get(account).computeIfPresent(id, (known, amount) -> 0);
      return balance(account);
    }

    public String adjust(int delta, int account) {
      int before = settled[account];
      settled[account] = Math.max(0, before + delta);
      return before + " to " + settled[account];
    }

    public String balance(int account) {
      return "settled " + settled[account] + ", held " + held(account);
    }
  }

  /** A ledger that looks, then takes: what the ledger under test must not do. */
  public static class Racy {
    private volatile boolean held;

    @Operation
    public boolean hold() {
      if (!held) {
        held = true;
        return true;
      }
      return false;
    }
  }

  @Test
  void everyInterleavingOfHoldsThatIsTriedIsAnOrder() {
    new ModelCheckingOptions()
        .iterations(6)
        .invocationsPerIteration(30)
        .threads(2)
        .actorsPerThread(2)
        .actorsBefore(0)
        .actorsAfter(0)
        .sequentialSpecification(Model.class)
        .check(Holding.class);
  }

  @Test
  void everythingThatHappensUnderStressIsAnOrder() {
    new StressOptions()
        .iterations(10)
        .invocationsPerIteration(1_000)
        .threads(3)
        .actorsPerThread(3)
        .actorsBefore(2)
        .actorsAfter(2)
        .sequentialSpecification(Model.class)
        .check(Everything.class);
  }

  @Test
  void aRaceWouldBeFound() {
    // Nothing before the threads start: the one that can be held must be left to them.
    assertThatThrownBy(
            () -> new ModelCheckingOptions().iterations(10).actorsBefore(0).check(Racy.class))
        .isInstanceOf(LincheckAssertionError.class);
  }
}
