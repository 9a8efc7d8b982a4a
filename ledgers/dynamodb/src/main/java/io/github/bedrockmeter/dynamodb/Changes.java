// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import static io.github.bedrockmeter.dynamodb.Item.number;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Writes what a ledger does as conditional changes. Immutable and thread-safe. */
final class Changes {
  /*
   * Every change is safe to make twice, because the first time undoes the condition: a hold is taken
   * if its record is not there, and settled or released if it is, with the amount that is believed
   * to be in it. So a reply that is lost costs another request and nothing else, whether the SDK or
   * the meter repeats it. A settlement leaves its own record in the place of the hold's, since a hold
   * that is not there may also be lost. Whoever settled removes that record with its next change of
   * the account, when it has the answer; see Settlements. Only an adjustment leaves no such trace; it is made in a transaction,
   * whose token has DynamoDB notice the repetition.
   *
   * Sums stay within a long, since a number that cannot be read back would stop the account.
   */
  private final Duration abandonAfter;
  private final Duration grace;

  Changes(Duration abandonAfter, Duration grace) {
    this.abandonAfter = abandonAfter;
    this.grace = grace;
  }

  /**
   * Takes a hold.
   *
   * @param limit what may be settled and held afterwards
   * @param swept the ids of settlements whose records are removed
   */
  Change take(Hold hold, long limit, Instant now, List<String> swept) {
    Account account = hold.account();
    long room = limit - hold.amount();
    Map<String, AttributeValue> values = new HashMap<>();
    values.put(":hold", Item.hold(hold.amount(), now));
    values.put(":amount", number(hold.amount()));
    values.put(":zero", number(0));
    values.put(":room", number(room));
    String fits = "taken <= :room";
    Duration idle = account.idle();
    if (idle != null) {
      values.put(":idleSince", number(now.minus(idle).toEpochMilli()));
      fits += " AND (lastUse > :idleSince OR taken > settled)";
    }
    if (room >= 0) {
      fits = "(attribute_not_exists(taken) OR " + fits + ")";
    }
    return new Draft(account, now)
        .name("#hold", Item.holdAttribute(hold.id()))
        .set("#hold = :hold")
        .add("settled :zero, taken :amount")
        .sweep(swept)
        .onlyIf("attribute_not_exists(#hold) AND " + fits, values);
  }

  /**
   * Settles a hold, and records that.
   *
   * @param held what is believed to be held
   * @param swept the ids of settlements whose records are removed
   */
  Change settle(Hold hold, long held, long actual, Instant now, List<String> swept) {
    long change = actual - held;
    Map<String, AttributeValue> values = new HashMap<>();
    values.put(":held", number(held));
    values.put(":actual", number(actual));
    values.put(":change", number(change));
    values.put(":room", number(Long.MAX_VALUE - Math.max(0, change)));
    values.put(":done", number(now.toEpochMilli()));
    return new Draft(hold.account(), now)
        .name("#hold", Item.holdAttribute(hold.id()))
        .name("#done", Item.settlementAttribute(hold.id()))
        .set("#done = :done")
        .remove("#hold")
        .add("settled :actual, taken :change")
        .sweep(swept)
        .onlyIf("#hold.amount = :held AND taken <= :room", values);
  }

  /** Charges a hold that was lost, and records that. */
  Change charge(Hold lost, long actual, Instant now) {
    Map<String, AttributeValue> values = new HashMap<>();
    values.put(":actual", number(actual));
    values.put(":room", number(Long.MAX_VALUE - actual));
    values.put(":done", number(now.toEpochMilli()));
    return new Draft(lost.account(), now)
        .name("#hold", Item.holdAttribute(lost.id()))
        .name("#done", Item.settlementAttribute(lost.id()))
        .set("#done = :done")
        .add("settled :actual, taken :actual")
        .onlyIf(
            "attribute_not_exists(#hold) AND attribute_not_exists(#done)"
                + " AND (attribute_not_exists(taken) OR taken <= :room)",
            values);
  }

  /**
   * Gives back what is held, and keeps the record.
   *
   * @param held what is believed to be held
   */
  Change release(Account account, String id, long held, Instant now) {
    Map<String, AttributeValue> values = new HashMap<>();
    values.put(":held", number(held));
    values.put(":zero", number(0));
    values.put(":change", number(-held));
    return new Draft(account, now)
        .name("#hold", Item.holdAttribute(id))
        .set("#hold.amount = :zero")
        .add("taken :change")
        .onlyIf("#hold.amount = :held", values);
  }

  /**
   * Corrects what is settled.
   *
   * @param before what is believed to be settled
   */
  Change adjust(Account account, long before, long delta, Instant now) {
    Map<String, AttributeValue> values = new HashMap<>();
    values.put(":before", number(before));
    values.put(":change", number(delta));
    return new Draft(account, now)
        .add("settled :change, taken :change")
        .onlyIf(
            (before == 0 ? "attribute_not_exists(settled) OR " : "") + "settled = :before", values);
  }

  /** Begins a forgotten account anew, unless it has been used since. */
  Change restart(Item forgotten, Instant now) {
    Map<String, AttributeValue> values = new HashMap<>();
    values.put(":zero", number(0));
    values.put(":seen", forgotten.attributes().get(Item.LAST_USE));
    return new Draft(forgotten.account(), now)
        .set("settled = :zero")
        .set("taken = :zero")
        .onlyIf("lastUse = :seen AND taken = settled", values);
  }

  /** A change that also says when the account was used and until when it is kept. */
  private final class Draft {
    private final Account account;
    private final Instant now;
    private final Map<String, String> names = new HashMap<>();
    private final List<String> assignments = new ArrayList<>();
    private final List<String> removals = new ArrayList<>();
    private String additions = "";
    private List<String> swept = List.of();

    Draft(Account account, Instant now) {
      this.account = account;
      this.now = now;
    }

    Draft name(String name, String attribute) {
      names.put(name, attribute);
      return this;
    }

    Draft set(String assignment) {
      assignments.add(assignment);
      return this;
    }

    Draft remove(String name) {
      removals.add(name);
      return this;
    }

    Draft add(String additions) {
      this.additions = " ADD " + additions;
      return this;
    }

    Draft sweep(List<String> ids) {
      swept = ids;
      for (int i = 0; i < ids.size(); i++) {
        name("#swept" + i, Item.settlementAttribute(ids.get(i)));
        remove("#swept" + i);
      }
      return this;
    }

    Change onlyIf(String condition, Map<String, AttributeValue> values) {
      if (account.idle() != null) {
        set("lastUse = :now");
        values.put(":now", number(now.toEpochMilli()));
      }
      Long expires = expires(account, now);
      if (expires != null) {
        set("expires = :expires");
        values.put(":expires", number(expires));
      }
      String update =
          (assignments.isEmpty() ? "" : "SET " + String.join(", ", assignments))
              + (removals.isEmpty() ? "" : " REMOVE " + String.join(", ", removals))
              + additions;
      return new Change(account, update.strip(), condition, names, values, swept);
    }
  }

  /**
   * When DynamoDB may delete an account's item, in seconds since 1970; null for never. An idle
   * account is kept until a hold of its last use would have been abandoned, and for the grace.
   */
  private @Nullable Long expires(Account account, Instant now) {
    if (account.idle() != null) {
      return now.plus(account.idle()).plus(abandonAfter).plus(grace).getEpochSecond();
    }
    return account.isForever() ? null : account.end().getEpochSecond() + grace.toSeconds();
  }
}
