// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OpenHoldsTest {
  private static final Account ACCOUNT =
      new Account("all", Unit.TOKENS, "", Instant.EPOCH, Instant.MAX);

  @Test
  void behavesAsAMapUnderRandomAddsAndRemoves() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      OpenHolds holds = new OpenHolds();
      Map<String, Hold> reference = new HashMap<>();
      int ids = 1 + random.nextInt(60);
      for (int step = 0; step < 500; step++) {
        String id = "call-" + random.nextInt(ids);
        Hold hold = new Hold(id, ACCOUNT, step, 1_000, true);
        assertThat(holds.contains(id)).isEqualTo(reference.containsKey(id));
        if (random.nextBoolean()) {
          assertThat(holds.add(hold)).isEqualTo(reference.putIfAbsent(id, hold) == null);
        } else {
          assertThat(holds.remove(id)).isSameAs(reference.remove(id));
        }
      }
      assertThat(holds.list()).containsExactlyInAnyOrderElementsOf(reference.values());
      reference.forEach((id, hold) -> assertThat(holds.remove(id)).isSameAs(hold));
      assertThat(holds.isEmpty()).isTrue();
    }
  }

  @Test
  void anIdThatIsOpenIsNotTakenAgainThoughTheFirstHoldHasGone() {
    OpenHolds holds = new OpenHolds();
    holds.add(new Hold("first", ACCOUNT, 1, 10, true));
    Hold second = new Hold("second", ACCOUNT, 2, 10, true);
    holds.add(second);
    holds.remove("first");

    assertThat(holds.add(new Hold("second", ACCOUNT, 3, 10, true))).isFalse();
    assertThat(holds.list()).containsExactly(second);
  }

  @Test
  void idsOfOneHashStayApart() {
    OpenHolds holds = new OpenHolds();
    Hold one = new Hold("AaAa", ACCOUNT, 1, 10, true);
    Hold two = new Hold("BBBB", ACCOUNT, 2, 10, true);
    Hold three = new Hold("AaBB", ACCOUNT, 3, 10, true);
    assertThat(one.id().hashCode()).isEqualTo(two.id().hashCode()).isEqualTo(three.id().hashCode());

    holds.add(new Hold("first", ACCOUNT, 1, 10, true));
    holds.add(one);
    holds.add(two);
    holds.add(three);
    holds.remove("AaAa");

    assertThat(holds.remove("BBBB")).isSameAs(two);
    assertThat(holds.remove("AaBB")).isSameAs(three);
    assertThat(holds.remove("AaBB")).isNull();
  }
}
