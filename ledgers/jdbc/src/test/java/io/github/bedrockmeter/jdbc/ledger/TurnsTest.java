// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Unit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Operations take a thread only when it is their accounts' turn. */
class TurnsTest {
  private static final Account ALL = account("");
  private static final Account HOT = account("tenant=hot");
  private static final Account GOOD = account("tenant=good");

  private final Turns turns = new Turns(3);
  private final List<String> started = new ArrayList<>();
  private final Map<String, Turns.Turn> running = new HashMap<>();

  private static Account account(String scope) {
    return new Account("b", Unit.TOKENS, scope, Instant.EPOCH, Instant.MAX);
  }

  private boolean enter(String name, Account... accounts) {
    return turns.enter(
        Set.of(accounts),
        turn -> {
          started.add(name);
          running.put(name, turn);
        });
  }

  private void end(String name, @Nullable Boolean lockMissing) {
    Objects.requireNonNull(running.remove(name)).end(lockMissing);
  }

  @Test
  void twoOperationsOfAnAccountRunAndTheOthersWaitInTheirOrder() {
    for (String name : List.of("1", "2", "3", "4")) {
      assertThat(enter(name, HOT)).isTrue();
    }
    enter("other", GOOD);
    assertThat(started).containsExactly("1", "2", "other");

    end("2", false);
    end("1", false);

    assertThat(started).containsExactly("1", "2", "other", "3", "4");
  }

  @Test
  void aTenantInDemandTakesNoPlaceInLineAtTheBalanceThatAllShare() {
    for (int i = 1; i <= 5; i++) {
      enter("hot-" + i, HOT, ALL);
    }
    enter("good", GOOD, ALL);
    assertThat(started).containsExactly("hot-1", "hot-2");

    end("hot-1", false);

    assertThat(started).containsExactly("hot-1", "hot-2", "good");
  }

  @Test
  void tooManyWhoWaitForOneAccountAreRefused() {
    for (int i = 0; i < 5; i++) {
      assertThat(enter("hot-" + i, HOT)).isTrue();
    }

    assertThat(enter("one more", HOT)).isFalse();
    assertThat(enter("other", GOOD)).isTrue();
  }

  @Test
  void aSlowTenantTakesNoTurnOfTheBalanceThatAllShare() {
    enter("first", ALL, HOT);
    end("first", true);
    enter("hot-1", ALL, HOT);
    enter("hot-2", ALL, HOT);
    enter("hot-3", ALL, HOT);

    enter("good-1", ALL, GOOD);
    enter("good-2", ALL, GOOD);
    assertThat(started).containsExactly("first", "hot-1", "good-1", "good-2");

    end("hot-1", false); // its row is free again
    end("good-1", false);
    end("good-2", false);
    assertThat(started).contains("hot-2", "hot-3");
  }

  @Test
  void allSlowAccountsTogetherHaveThreeTurns() {
    for (String tenant : List.of("a", "b", "c", "d")) {
      enter("first-" + tenant, account("tenant=" + tenant));
      end("first-" + tenant, true);
    }
    started.clear();
    for (String tenant : List.of("a", "a", "b", "c", "d")) {
      enter(tenant, account("tenant=" + tenant));
    }
    assertThat(started).containsExactly("a", "b", "c");

    end("b", null);

    assertThat(started).containsExactly("a", "b", "c", "d");
  }

  @Test
  void attemptsThatCannotBeginMakeRoomForTheNext() {
    enter("1", HOT);
    enter("2", HOT);
    for (int i = 0; i < 3; i++) {
      turns.enter(
          Set.of(HOT),
          turn -> {
            started.add("rejected");
            turn.giveUp();
          });
    }

    end("1", null);

    assertThat(started).containsExactly("1", "2", "rejected", "rejected", "rejected");
    enter("4", HOT);
    assertThat(started).endsWith("4");
  }
}
