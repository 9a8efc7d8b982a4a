// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.dynamodb;

import io.github.bedrockmeter.internal.text.Escaped;
import io.github.bedrockmeter.ledger.Account;
import io.github.bedrockmeter.ledger.Balance;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.ledger.Ledger.Settled;
import io.github.bedrockmeter.ledger.LedgerUnavailableException;
import io.github.bedrockmeter.ledger.Unit;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * What the table has of one account, and how it is written there. Immutable and thread-safe.
 *
 * @param account whose item
 * @param attributes as DynamoDB returned them; empty if there is no item
 */
record Item(Account account, Map<String, AttributeValue> attributes) {
  /** The partition key: the account's name. */
  static final String KEY = "account";

  /** What finished calls were charged. */
  static final String SETTLED = "settled";

  /** What is settled and held together: a condition cannot add, so the sum is kept. */
  static final String TAKEN = "taken";

  /** When an account with an idle time was used last, in milliseconds since 1970. */
  static final String LAST_USE = "lastUse";

  /** When DynamoDB may delete the item, in seconds since 1970. */
  static final String EXPIRES = "expires";

  /** DynamoDB's own limit of a partition key, in bytes. */
  private static final int LONGEST_KEY = 2_048;

  private static final String HOLD = "hold:";
  private static final String SETTLEMENT = "done:";
  private static final String AMOUNT = "amount";
  private static final String SINCE = "since";

  /** An item as a scan returns it, its account read from its key. */
  static Item scanned(Map<String, AttributeValue> attributes) {
    AttributeValue key = attributes.get(KEY);
    if (key == null) {
      throw damaged("an item has no attribute " + KEY + ", only " + attributes.keySet(), null);
    }
    try {
      return new Item(account(key.s()), attributes);
    } catch (RuntimeException unreadable) {
      throw damaged("the key of an item names no account: " + key.s(), unreadable);
    }
  }

  /** The key of an account: the parts of fixed form first, then the two that may be any text. */
  static Map<String, AttributeValue> key(Account account) {
    return Map.of(KEY, AttributeValue.fromS(name(account)));
  }

  private static String name(Account account) {
    return String.join(
        "/",
        account.unit().name(),
        account.start().toString(),
        account.end().toString(),
        account.idle() == null ? "" : account.idle().toString(),
        Integer.toString(account.budget().length()),
        account.budget(),
        account.scope());
  }

  /** An account as a message names it, whatever a caller wrote into its scope. */
  static String named(Account account) {
    return "budget '"
        + Escaped.text(account.budget())
        + (account.scope().isEmpty() ? "'" : "' for " + Escaped.text(account.scope()));
  }

  /**
   * Checks that DynamoDB can keep an account.
   *
   * @throws IllegalArgumentException if its name is too long
   */
  static void checkKey(Account account) {
    int bytes = name(account).getBytes(StandardCharsets.UTF_8).length;
    if (bytes > LONGEST_KEY) {
      throw new IllegalArgumentException(
          "the account of budget '"
              + Escaped.text(account.budget())
              + "' must not have a name of more than "
              + LONGEST_KEY
              + " bytes in DynamoDB: it has "
              + bytes
              + "; a tag's value is too long");
    }
  }

  private static Account account(String name) {
    String[] parts = name.split("/", 6);
    int budgetEnd = Integer.parseInt(parts[4]);
    return new Account(
        parts[5].substring(0, budgetEnd),
        Unit.valueOf(parts[0]),
        parts[5].substring(budgetEnd + 1),
        Instant.parse(parts[1]),
        Instant.parse(parts[2]),
        parts[3].isEmpty() ? null : Duration.parse(parts[3]));
  }

  /** The attribute that records a hold. One for each, since a map would have to be made first. */
  static String holdAttribute(String id) {
    return HOLD + id;
  }

  /** The attribute that records when a hold was settled, in milliseconds since 1970. */
  static String settlementAttribute(String id) {
    return SETTLEMENT + id;
  }

  /** The record of a hold. */
  static AttributeValue hold(long amount, Instant since) {
    return AttributeValue.fromM(
        Map.of(AMOUNT, number(amount), SINCE, number(since.toEpochMilli())));
  }

  /** A number, which DynamoDB keeps exactly. */
  static AttributeValue number(long value) {
    return AttributeValue.fromN(Long.toString(value));
  }

  long settled() {
    return number(SETTLED);
  }

  long taken() {
    return number(TAKEN);
  }

  /** Why an amount cannot be added. */
  ArithmeticException overflow(long amount) {
    return new ArithmeticException(
        taken() + " and " + amount + " are more than a long in " + named(account));
  }

  /** What a change of what is settled did, read from the item after it. */
  Settled stepOf(long change) {
    return new Settled(account, settled() - change, settled());
  }

  /** What is held under an id; null if there is no such hold. */
  @Nullable Long held(String id) {
    AttributeValue hold = attributes.get(holdAttribute(id));
    return hold == null ? null : part(hold, AMOUNT);
  }

  /** When a hold was settled, in milliseconds since 1970; null if there is no record of it. */
  @Nullable Long settledAt(String id) {
    AttributeValue at = attributes.get(settlementAttribute(id));
    return at == null ? null : exact(at);
  }

  /** The ids of holds that were settled before an instant, as far as there are records of them. */
  List<String> settledBefore(Instant instant) {
    List<String> ids = new ArrayList<>();
    attributes.forEach(
        (name, value) -> {
          if (name.startsWith(SETTLEMENT) && exact(value) < instant.toEpochMilli()) {
            ids.add(name.substring(SETTLEMENT.length()));
          }
        });
    return ids;
  }

  /**
   * This item, or none if it is one of an account that has been idle for its time: DynamoDB deletes
   * late, and the account is forgotten all the same.
   */
  Item at(Instant now) {
    return isForgotten(now) ? new Item(account, Map.of()) : this;
  }

  /** Whether nothing has been held in this item for its account's idle time. */
  boolean isForgotten(Instant now) {
    Duration idle = account.idle();
    return idle != null
        && attributes.containsKey(LAST_USE)
        && taken() == settled()
        && number(LAST_USE) <= now.minus(idle).toEpochMilli();
  }

  /**
   * The balance.
   *
   * @param abandoned holds taken at this instant or before it belong to no living process
   */
  Balance balance(Instant abandoned) {
    long lost = 0;
    for (OpenHold hold : openHolds(abandoned)) {
      if (hold.abandoned()) {
        lost += hold.amount();
      }
    }
    return new Balance(account, settled(), taken() - settled(), lost);
  }

  /**
   * The open holds, oldest first.
   *
   * @param abandoned as in {@link #balance}
   */
  List<OpenHold> openHolds(Instant abandoned) {
    List<OpenHold> holds = new ArrayList<>();
    attributes.forEach(
        (name, value) -> {
          if (name.startsWith(HOLD)) {
            Instant since = Instant.ofEpochMilli(part(value, SINCE));
            holds.add(
                new OpenHold(
                    name.substring(HOLD.length()),
                    account,
                    part(value, AMOUNT),
                    since,
                    !since.isAfter(abandoned)));
          }
        });
    holds.sort(Comparator.comparing(OpenHold::since));
    return holds;
  }

  private long number(String attribute) {
    AttributeValue value = attributes.get(attribute);
    return value == null ? 0 : exact(value);
  }

  private static long part(AttributeValue hold, String name) {
    AttributeValue value = hold.m().get(name);
    if (value == null) {
      throw damaged("a hold has no " + name + ": " + hold, null);
    }
    return exact(value);
  }

  private static LedgerUnavailableException damaged(String what, @Nullable Throwable cause) {
    return new LedgerUnavailableException(
        "the DynamoDB table of the ledger is damaged, repair or delete the item: "
            + Escaped.text(what),
        cause);
  }

  private static long exact(AttributeValue number) {
    if (number.n() == null) {
      throw damaged("an attribute is no number: " + number, null);
    }
    try {
      return new BigDecimal(number.n()).longValueExact();
    } catch (ArithmeticException | NumberFormatException unreadable) {
      throw damaged("an attribute is no whole number: " + number, unreadable);
    }
  }
}
