// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.reconcile;

import io.github.bedrockmeter.ledger.Hold;
import io.github.bedrockmeter.ledger.Ledger;
import io.github.bedrockmeter.ledger.Ledger.Correction;
import io.github.bedrockmeter.ledger.Ledger.OpenHold;
import io.github.bedrockmeter.report.facts.FactTables;
import io.github.bedrockmeter.report.facts.Rows;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What AWS's log proves about holds whose process has ended: a hold has its call's id, which the
 * meter stamps into the request, and which the log has. Runs after a {@link LogReconciliation}, on
 * the same tables. Confined to their thread.
 *
 * <p>Only what is proven is done. A call that the log does not have may not have been sent, or not
 * been delivered yet: its hold stays. So does that of a call of which the log has only failed
 * attempts, until the log goes on for an hour after them, since the SDK may have tried again.
 */
public final class HoldSettlement {
  private static final int NANO_SCALE = 9;

  private final FactTables tables;

  private HoldSettlement(FactTables tables) {
    this.tables = tables;
  }

  /** Over the tables of a reconciliation that was done. */
  public static HoldSettlement of(FactTables tables) {
    return new HoldSettlement(tables);
  }

  /**
   * What is proven of a hold. Immutable.
   *
   * @param charge what its account is charged instead, in the account's unit; zero gives all back;
   *     null if that is not proven, and the hold stays
   * @param why in words an operator can act on
   */
  public record Step(OpenHold hold, @Nullable Long charge, String why) {
    /** Whether something is to be done. */
    public boolean isProven() {
      return charge != null;
    }
  }

  /** What the log proves of a hold. */
  public Step of(OpenHold hold) {
    Rows call = tables.query("reconcile/hold", hold.id());
    if (number(call, "records") == 0) {
      return new Step(hold, null, "the log has no call of this id");
    }
    if (number(call, "undecided") > 0) {
      return new Step(hold, null, "the log does not say how the call ended");
    }
    String record = "AWS's log has the call, request " + call.get(0, "request_id");
    if (number(call, "completed") == 0) {
      if (!Boolean.TRUE.equals(call.get(0, "goes_on"))) {
        return new Step(hold, null, "only failed attempts are in the log so far");
      }
      return new Step(hold, 0L, record + ", which failed");
    }
    Long charge = charge(hold, call);
    return charge == null
        ? new Step(hold, null, record + ", and not what it amounts to: " + unknown(call))
        : new Step(hold, charge, record);
  }

  private static @Nullable Long charge(OpenHold hold, Rows call) {
    return switch (hold.account().unit()) {
      case REQUESTS -> 1L;
      case TOKENS -> call.get(0, "total_tokens") == null ? null : number(call, "total_tokens");
      case NANO_USD -> {
        BigDecimal usd = (BigDecimal) call.get(0, "cost_usd");
        yield usd == null
            ? null
            : usd.setScale(NANO_SCALE, RoundingMode.CEILING).unscaledValue().longValueExact();
      }
    };
  }

  private static String unknown(Rows call) {
    Object reason = call.get(0, "unpriced_reason");
    return reason == null ? "its counts are not stated" : reason.toString();
  }

  private static long number(Rows rows, String column) {
    return ((Number) Objects.requireNonNull(rows.get(0, column), column)).longValue();
  }

  /**
   * Does a proven step: charges the account in place of the hold, in one atomic step that may be
   * repeated, and keeps who did it and why where the ledger has a place for that.
   *
   * @throws IllegalArgumentException if the step is not proven
   */
  public static CompletionStage<?> carryOut(Ledger ledger, Step step, Correction correction) {
    Long charge = step.charge();
    if (charge == null) {
      throw new IllegalArgumentException("not proven: " + step.why());
    }
    OpenHold open = step.hold();
    if (charge == 0) {
      return ledger.release(open, correction);
    }
    Hold hold = new Hold(open.id(), open.account(), open.amount(), Long.MAX_VALUE, false);
    return ledger
        .settle(List.of(hold), new long[] {charge})
        // A correction by nothing keeps the reason beside the balance.
        .thenCompose(settled -> ledger.adjust(open.account(), 0, correction));
  }
}
