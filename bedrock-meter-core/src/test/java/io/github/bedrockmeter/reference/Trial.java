// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.reference;

import io.github.bedrockmeter.budget.BudgetStatus;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.reference.Step.Ask;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One history, played by the meter and by the reference side by side. Confined to one thread. */
final class Trial {
  private final History history;
  private final Map<String, Long> counts;
  private final Reference reference;
  private final Subject subject;

  private int steps;

  private Trial(History history, Map<String, Long> counts) {
    this.history = history;
    this.counts = counts;
    this.reference = new Reference(history.setup());
    this.subject = new Subject(history.setup());
  }

  /**
   * Plays a history, and adds what happened to {@code counts}. Null if both sides agreed after
   * every step and the law held.
   */
  static @Nullable Mismatch play(History history, Map<String, Long> counts) {
    Trial trial = new Trial(history, counts);
    try {
      return trial.play();
    } finally {
      trial.subject.close();
    }
  }

  /**
   * Where the two sides parted.
   *
   * @param steps how many steps were made, the last one included
   */
  record Mismatch(int steps, String what) {}

  private @Nullable Mismatch play() {
    for (Step step : history.steps()) {
      steps++;
      try {
        String difference = difference(make(step));
        if (difference != null) {
          return new Mismatch(steps, difference);
        }
      } catch (RuntimeException | Error mishap) {
        return new Mismatch(steps, step + " threw " + mishap);
      }
    }
    String difference = statusDifference();
    return difference == null ? null : new Mismatch(steps, difference);
  }

  /** Makes a step on both sides; answers what should be told of it. */
  private List<String> make(Step step) {
    boolean someWaited = reference.firstInLine() != null;
    if (step instanceof Step.Call call) {
      call(call);
    } else if (step instanceof Step.Finish finish) {
      Integer number = reference.inFlight(finish.call());
      if (number != null) {
        reference.finish(number, finish.ending());
        subject.finish(number, finish.ending());
      }
    } else if (step instanceof Step.Leave leave) {
      Integer number = reference.inLine(leave.call());
      if (number != null) {
        reference.leave(number);
        subject.leave(number);
      }
    } else if (step instanceof Step.Pass pass) {
      reference.pass(pass.time());
      subject.pass(pass.time());
    } else if (step instanceof Step.Jump jump) {
      reference.jump(jump.by());
      subject.jump(jump.by());
    } else if (step instanceof Step.Replace replace) {
      reference.replace(replace.definitions());
      subject.replace(replace.definitions());
    } else {
      change(step);
    }
    boolean someWait = someWaited || reference.firstInLine() != null;
    if (someWait) {
      reference.retry();
    }
    List<String> expected = reference.told().stream().sorted().toList();
    if (someWait) {
      subject.settle(reference.budget(0), reference.firstInLine(), expected.size());
    }
    return expected;
  }

  private void call(Step.Call call) {
    Ask ask = call.ask();
    boolean sync = call.atOnce() != null && ask.kind() != Step.Kind.STREAM && !reference.anyWaits();
    reference.call(ask);
    boolean answered = call.atOnce() != null && reference.isInFlight(ask.number());
    if (answered && call.atOnce() != null) {
      reference.finish(ask.number(), call.atOnce());
    }
    if (sync && call.atOnce() != null) {
      subject.callAndAnswer(ask, call.atOnce());
      return;
    }
    subject.call(ask);
    if (answered && call.atOnce() != null) {
      subject.finish(ask.number(), call.atOnce());
    }
  }

  private void change(Step step) {
    if (step instanceof Step.SetMode set) {
      String budget = reference.budget(set.budget());
      reference.mode(budget, set.mode());
      subject.mode(budget, set.mode());
    } else if (step instanceof Step.GiveMore more) {
      String budget = reference.budget(more.budget());
      String scope = scope(budget, more.team());
      var until = reference.now().plus(more.during());
      reference.grant(budget, scope, more.extra(), until);
      subject.grant(budget, scope, more.extra(), until);
    } else if (step instanceof Step.Freeze freeze) {
      String budget = reference.budget(freeze.budget());
      String scope = freeze.team() == null ? "" : scope(budget, freeze.team());
      reference.freeze(budget, scope, "at step " + steps);
      subject.freeze(budget, scope, "at step " + steps);
    } else if (step instanceof Step.Thaw thaw) {
      String budget = reference.budget(thaw.budget());
      String scope = thaw.team() == null ? "" : scope(budget, thaw.team());
      reference.thaw(budget, scope);
      subject.thaw(budget, scope);
    } else if (step instanceof Step.Correct correct) {
      String budget = reference.budget(correct.budget());
      if (reference.definition(budget).span() == Span.RUN) {
        return; // issues/CorrectedRunTest
      }
      String scope = scope(budget, correct.team());
      reference.correct(budget, scope, correct.amount());
      subject.correct(budget, scope, correct.amount());
    }
  }

  private String scope(String budget, String team) {
    return Reference.scope(reference.definition(budget), team, Prices.BIG);
  }

  private @Nullable String difference(List<String> expected) {
    List<String> told = subject.told();
    expected.forEach(line -> count(line.substring(0, line.indexOf(' '))));
    expected.forEach(this::countAmendments);
    if (!told.equals(expected)) {
      return "told " + told + "\n  instead of " + expected;
    }
    return balanceDifference();
  }

  private void countAmendments(String line) {
    if (line.contains(Told.waited())) {
      count("waited");
    }
    if (line.contains(", lowered by")) {
      count("lowered");
    }
    if (line.contains(", sent by")) {
      count("sent to another model");
    }
  }

  private @Nullable String balanceDifference() {
    Map<Reference.Key, Reference.Balance> expected = reference.balances();
    List<Balance> balances = subject.balances();
    if (balances.size() != expected.size()) {
      return "the ledger has " + balances + "\n  instead of " + written(expected);
    }
    for (Balance balance : balances) {
      Reference.Balance own = expected.get(key(balance.account()));
      if (own == null || own.settled != balance.settled() || own.held() != balance.held()) {
        return "the ledger has " + balance + "\n  instead of " + written(expected);
      }
      if (balance.settled() + balance.held() > own.highest + own.excess) {
        return "settled and held are beyond " + own.highest + " in " + balance;
      }
      count("balances");
    }
    return null;
  }

  private static String written(Map<Reference.Key, Reference.Balance> balances) {
    Map<String, String> written = new TreeMap<>();
    balances.forEach(
        (key, balance) ->
            written.put(key.toString(), "settled " + balance.settled + ", held " + balance.held()));
    return written.toString();
  }

  private static Reference.Key key(Account account) {
    return new Reference.Key(
        account.budget(),
        account.unit(),
        account.scope(),
        account.start(),
        account.end(),
        account.idle() != null);
  }

  /** Whether what the meter tells of its budgets in the end is so. */
  private @Nullable String statusDifference() {
    Map<Reference.Key, Reference.Balance> balances = reference.balances();
    for (BudgetStatus status : subject.statuses()) {
      Account account = status.balance().account();
      Reference.Balance own = balances.getOrDefault(key(account), new Reference.Balance());
      String expected =
          reference.status(account.budget(), account.scope(), own.settled, own.held());
      String told =
          Reference.status(
              status.mode(),
              status.limit().units(),
              status.frozen(),
              status.settled().units(),
              status.held().units(),
              status.available().units());
      if (!told.equals(expected)) {
        return "the status is " + told + "\n  instead of " + expected;
      }
      count("statuses");
    }
    return null;
  }

  private void count(String what) {
    counts.merge(what, 1L, Long::sum);
  }
}
