// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import static io.github.bedrockmeter.dynamodb.Item.number;

import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Hold;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Writes what a ledger does as conditional changes. Immutable and thread-safe. */
final class Changes {
  /*
   * Every change is safe to make twice, because the first time undoes the condition: a hold is taken
   * if its record is not there, and settled or released if it is, with the amount that is believed
   * to be in it. So a reply that is lost costs another request and nothing else, whether the SDK or
   * the meter repeats it. Only an adjustment leaves no such trace; it is made in a transaction,
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
   */
  Change take(Hold hold, long limit, Instant now) {
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
    return change(
        account,
        hold.id(),
        "#hold = :hold",
        "ADD settled :zero, taken :amount",
        "attribute_not_exists(#hold) AND " + fits,
        values,
        now);
  }

  /**
   * Settles a hold.
   *
   * @param held what is believed to be held
   */
  Change settle(Hold hold, long held, long actual, Instant now) {
    long change = actual - held;
    Map<String, AttributeValue> values = new HashMap<>();
    values.put(":held", number(held));
    values.put(":actual", number(actual));
    values.put(":change", number(change));
    values.put(":room", number(Long.MAX_VALUE - Math.max(0, change)));
    return change(
        hold.account(),
        hold.id(),
        "",
        "REMOVE #hold ADD settled :actual, taken :change",
        "#hold.amount = :held AND taken <= :room",
        values,
        now);
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
    return change(
        account,
        id,
        "#hold.amount = :zero",
        "ADD taken :change",
        "#hold.amount = :held",
        values,
        now);
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
    return change(
        account,
        null,
        "",
        "ADD settled :change, taken :change",
        (before == 0 ? "attribute_not_exists(settled) OR " : "") + "settled = :before",
        values,
        now);
  }

  /** Begins a forgotten account anew, unless it has been used since. */
  Change restart(Item forgotten, Instant now) {
    Map<String, AttributeValue> values = new HashMap<>();
    values.put(":zero", number(0));
    values.put(":seen", forgotten.attributes().get(Item.LAST_USE));
    return change(
        forgotten.account(),
        null,
        "settled = :zero, taken = :zero",
        "",
        "lastUse = :seen AND taken = settled",
        values,
        now);
  }

  /** A change that also says when the account was used and until when it is kept. */
  private Change change(
      Account account,
      @Nullable String hold,
      String assignments,
      String others,
      String condition,
      Map<String, AttributeValue> values,
      Instant now) {
    String set = assignments;
    if (account.idle() != null) {
      set += ", lastUse = :now";
      values.put(":now", number(now.toEpochMilli()));
    }
    Long expires = expires(account, now);
    if (expires != null) {
      set += ", expires = :expires";
      values.put(":expires", number(expires));
    }
    if (set.startsWith(", ")) {
      set = set.substring(2);
    }
    String update = set.isEmpty() ? others : "SET " + set + " " + others;
    return new Change(account, update, condition, hold, values);
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
