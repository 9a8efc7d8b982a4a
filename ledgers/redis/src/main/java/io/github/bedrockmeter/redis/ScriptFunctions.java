// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import io.github.bedrockmeter.ledger.LedgerSupport;

/** What scripts begin with. Stateless. */
final class ScriptFunctions {
  /*
   * KEYS begin with the index, the store's own key and that of the ledger that runs the script, its
   * witness. ARGV begin with the grace; what the ledger knows of the store, which is its epoch, how
   * many of its changes were confirmed and when the last one was; and the ledger's id.
   *
   * A store that is flushed, restored from a backup or replaced has no epoch, or another one. One
   * that has lost its latest writes, in a failover or a restart, counts fewer changes of this ledger
   * than were confirmed to it. Whichever ledger notices that writes it down in the store, so that
   * all are denied their holds until an operator accepts it: then begins another epoch, whose name
   * has the time, so that ledgers follow it and not an older one. Witness has the other half.
   *
   * Answers begin with the server's time, the epoch, the number of this change or zero, and what is
   * lost or an empty text.
   */

  /** The server's time. */
  static final String TIME =
      """
      local time = redis.call('TIME')
      local now = time[1] * 1000 + math.floor(time[2] / 1000)

      local function whole(number)
        return string.format('%.0f', number)
      end

      """;

  /** For scripts that change something, with their header. */
  static final String ALL =
      TIME
          + """
      local INDEX, STORE, WITNESS, KEYS_FIRST = 1, 2, 3, 3
      local GRACE, EPOCH, COUNT, HEARD, WHO, ARGV_FIRST = 1, 2, 3, 4, 5, 5
      local DAY, PROOF_TIME = 86400000, PROOF_MILLIS

      local function arguments(number, width)
        local before = ARGV_FIRST + (number - 1) * width
        return unpack(ARGV, before + 1, before + width)
      end

      local function atMost(a, b)
        return #a < #b or (#a == #b and a <= b)
      end

      local function take(key, field, amount)
        if amount ~= '0' then
          redis.call('HINCRBY', key, field, '-' .. amount)
        end
      end

      -- Makes an account if there is none, and returns whether there was none.
      local function open(key)
        local fresh = redis.call('HSETNX', key, 's', '0') == 1
        if fresh then
          redis.call('HSET', key, 'o', whole(now))
        end
        return fresh
      end

      -- Sets when an account expires, and adds a new one to the index, from which a few that have
      -- expired are removed.
      local function keep(key, fresh, finish, idle)
        local grace = tonumber(ARGV[GRACE])
        local till
        if idle ~= '' then
          local holds = redis.call('HLEN', key) - 3
          till = now + math.max(tonumber(idle), holds > 0 and grace or 0)
        elseif finish ~= '' and (fresh or now >= tonumber(finish)) then
          till = math.max(tonumber(finish), now) + grace
        end
        if till then
          redis.call('PEXPIREAT', key, whole(till))
        end
        if till or fresh then
          redis.call('ZADD', KEYS[INDEX], till and whole(till) or '+inf', key)
        end
        if fresh then
          local gone =
            redis.call('ZRANGEBYSCORE', KEYS[INDEX], '-inf', '(' .. whole(now), 'LIMIT', 0, 10)
          if #gone > 0 then
            redis.call('ZREM', KEYS[INDEX], unpack(gone))
          end
        end
      end

      -- Keeps the latest settlement for its time, and drops a few that are older.
      local function remember(settlements)
        local old = redis.call(
          'ZRANGEBYSCORE', settlements, '-inf', '(' .. whole(now - PROOF_TIME), 'LIMIT', 0, 4)
        if #old > 0 then
          redis.call('ZREM', settlements, unpack(old))
        end
        redis.call('PEXPIREAT', settlements, whole(now + PROOF_TIME))
      end

      -- Notes who corrected something, and why. The latest thousand are kept.
      local function note(corrections, text, what)
        if text ~= '' then
          redis.call('ZADD', corrections, whole(now), text .. '; ' .. what .. ' ' .. whole(now))
          local old = redis.call('ZRANGE', corrections, 0, -1001)
          if #old > 0 then
            redis.call('ZREM', corrections, unpack(old))
          end
        end
      end

      -- An epoch begins with when an operator accepted it, or with 0.
      local function acceptedAt(epoch)
        return tonumber(string.match(epoch, '^%d+')) or 0
      end

      local epoch, lost = unpack(redis.call('HMGET', KEYS[STORE], 'epoch', 'lost'))

      -- What this ledger knows and the store does not.
      local function missing()
        local known, count = ARGV[EPOCH], tonumber(ARGV[COUNT])
        if known == '' then
          return nil
        end
        if not epoch then
          return 'its keys are gone'
        end
        if epoch ~= known then
          return acceptedAt(epoch) <= acceptedAt(known) and 'its keys are of another time' or nil
        end
        if count > 0 then
          local written = redis.call('HGET', KEYS[WITNESS], 'n')
          if written and tonumber(written) < count
              or not written and now - tonumber(ARGV[HEARD]) < DAY / 2 then
            return 'its latest writes are gone'
          end
        end
      end

      if not lost then
        local what = missing()
        if what then
          lost = whole(now) .. ' ' .. what
          redis.call('HSET', KEYS[STORE], 'lost', lost)
        end
      end

      -- Ends a script: counts a change for the ledger that made it.
      local function answer(changed, body)
        local count = 0
        if changed then
          if not epoch and not lost then
            epoch = '0-' .. ARGV[WHO] .. '-' .. whole(now)
            redis.call('HSET', KEYS[STORE], 'epoch', epoch)
          end
          count = redis.call('HINCRBY', KEYS[WITNESS], 'n', 1)
          redis.call('PEXPIREAT', KEYS[WITNESS], whole(now + DAY))
        end
        return { whole(now), epoch or '', whole(count), lost or '', body }
      end

      """
              .replace("PROOF_MILLIS", Long.toString(LedgerSupport.PROOF_TIME.toMillis()));

  private ScriptFunctions() {}
}
