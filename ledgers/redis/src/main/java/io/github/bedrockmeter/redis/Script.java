// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.codec.Base16;

/** What the server does in one step. Each starts with the same few functions. */
enum Script {
  /*
   * An account is a hash: what is settled (s), that and what is held together (t), a time before
   * which no open hold was taken (o), and one field for each open hold, "#" and its id, with its
   * amount and when it was taken. Times are the server's, in milliseconds.
   *
   * Without o, each look at an account would go through all its open holds to find those that are
   * abandoned. With it, a look does so only when there may be some, and moves o on if there are none.
   *
   * Beside an account is a sorted set of the ids that were settled in it, by their time, for
   * PROOF_TIME: a hold that is neither open nor in there was lost. Each settlement drops a few that
   * are older.
   *
   * Lua's numbers are doubles, exact up to 2^53 only. So amounts stay decimal strings: HINCRBY adds
   * them exactly, in 64 bits, HGET reads the sum, and sums are compared as strings. What would need
   * an addition to be compared is subtracted by the caller from the other side: instead of
   * "total + amount <= limit", "total <= room".
   *
   * A server that takes no writes says so at the first one, so that a script happens whole or not at
   * all. The one exception is a settlement that overflows: the accounts before it are settled.
   *
   * What all scripts that change something have first, and what they answer first, is in ScriptFunctions.
   */

  /**
   * Takes all holds or none. KEYS: for each account its own. ARGV: for each account id, amount,
   * room, cap, whether enforced, end, idle time. Answers with number and total of each account
   * where the hold does not fit.
   */
  HOLD(
      """
      local WIDTH = 7
      local short, refused, holds = {}, false, #KEYS - KEYS_FIRST
      if lost then
        return redis.error_reply('BMLOST ' .. lost)
      end
      for i = 1, holds do
        local key = KEYS[KEYS_FIRST + i]
        local id, _, room, cap, enforced = arguments(i, WIDTH)
        local total = redis.call('HGET', key, 't') or '0'
        if redis.call('HEXISTS', key, '#' .. id) == 0 then
          if not atMost(total, room) then
            if enforced ~= '1' and not atMost(total, cap) then
              return redis.error_reply('ERR the sum of what is held in ' .. key .. ' overflows')
            end
            short[#short + 1] = i
            short[#short + 1] = total
            refused = refused or enforced == '1'
          end
        end
      end
      if refused then
        return answer(false, short)
      end
      local changed = false
      for i = 1, holds do
        local key = KEYS[KEYS_FIRST + i]
        local id, amount, _, _, _, finish, idle = arguments(i, WIDTH)
        if redis.call('HSETNX', key, '#' .. id, amount .. ' ' .. whole(now)) == 1 then
          local fresh = open(key)
          redis.call('HINCRBY', key, 't', amount)
          keep(key, fresh, finish, idle)
          changed = true
        end
      end
      return answer(changed, short)
      """),

  /**
   * Ends holds. KEYS: for each account its own, and that of its settlements. ARGV: for each account
   * id, actual, cap, end, idle time. Answers with what was settled before and after in each, and
   * whether that was without a hold.
   */
  SETTLE(
      """
      local WIDTH = 5
      local steps, changed = {}, false
      for i = 1, (#KEYS - KEYS_FIRST) / 2 do
        local key, settlements = KEYS[KEYS_FIRST + 2 * i - 1], KEYS[KEYS_FIRST + 2 * i]
        local id, actual, cap, finish, idle = arguments(i, WIDTH)
        local before = redis.call('HGET', key, 's') or '0'
        local held = redis.call('HGET', key, '#' .. id)
        local charged = held or actual ~= '0'
          and redis.call('ZADD', settlements, 'NX', whole(now), id) == 1
        if charged then
          if not atMost(redis.call('HGET', key, 't') or '0', cap) then
            if not held then
              redis.call('ZREM', settlements, id)
            end
            return redis.error_reply('ERR the sum of what is settled in ' .. key .. ' overflows')
          end
          local fresh = open(key)
          if held then
            redis.call('HDEL', key, '#' .. id)
            take(key, 't', string.match(held, '^%d+'))
            redis.call('ZADD', settlements, whole(now), id)
          end
          redis.call('HINCRBY', key, 't', actual)
          redis.call('HINCRBY', key, 's', actual)
          remember(settlements)
          keep(key, fresh, finish, idle)
          changed = true
        end
        steps[#steps + 1] = before
        steps[#steps + 1] = redis.call('HGET', key, 's') or '0'
        steps[#steps + 1] = charged and not held and '1' or '0'
      end
      return answer(changed, steps)
      """),

  /**
   * Sets a hold's amount to zero and keeps its record. KEYS: the account's, that of corrections.
   * ARGV: id, end, idle time, what to note. Answers nothing further.
   */
  RELEASE(
      """
      local key, corrections = KEYS[KEYS_FIRST + 1], KEYS[KEYS_FIRST + 2]
      local id, finish, idle, text = arguments(1, 4)
      local held = redis.call('HGET', key, '#' .. id)
      local amount, since = string.match(held or '', '^(%d+) (%d+)$')
      if amount and amount ~= '0' then
        redis.call('HSET', key, '#' .. id, '0 ' .. since)
        take(key, 't', amount)
        keep(key, false, finish, idle)
        note(corrections, text, amount .. ' given back in ' .. key)
      end
      return answer(amount and amount ~= '0', {})
      """),

  /**
   * Adds to what is settled, or takes from it down to zero; once for each adjustment's key. KEYS:
   * the account's, the adjustment's, that of corrections. ARGV: how long the adjustment is known,
   * sign, amount, cap, end, idle time, what to note. Answers with what was settled before and
   * after.
   */
  ADJUST(
      """
      local key, adjustment, corrections = unpack(KEYS, KEYS_FIRST + 1)
      local kept, sign, amount, cap, finish, idle, text = arguments(1, 7)
      local known = redis.call('GET', adjustment)
      if known then
        return answer(false, { string.match(known, '^(%d+) (%d+)$') })
      end
      local before = redis.call('HGET', key, 's') or '0'
      if sign == '-' then
        if atMost(before, amount) then
          amount = before
        end
        take(key, 's', amount)
        take(key, 't', amount)
        if redis.call('EXISTS', key) == 1 then
          keep(key, false, finish, idle)
        end
      else
        if not atMost(redis.call('HGET', key, 't') or '0', cap) then
          return redis.error_reply('ERR the sum of what is settled in ' .. key .. ' overflows')
        end
        local fresh = open(key)
        redis.call('HINCRBY', key, 's', amount)
        redis.call('HINCRBY', key, 't', amount)
        keep(key, fresh, finish, idle)
      end
      local after = redis.call('HGET', key, 's') or '0'
      redis.call('SET', adjustment, before .. ' ' .. after, 'PX', kept)
      note(corrections, text, before .. ' -> ' .. after .. ' in ' .. key)
      return answer(true, { before, after })
      """),

  /**
   * Begins a new epoch, accepted by an operator. KEYS: that of corrections. ARGV: what to note.
   * Answers with what was noticed as lost, or an empty text.
   */
  ACCEPT(
      """
      local text = arguments(1, 1)
      local latest = now
      if epoch then
        latest = math.max(latest, acceptedAt(epoch) + 1)
      end
      local noticed = redis.call('HGET', KEYS[STORE], 'lost') or lost or ''
      epoch = whole(latest) .. '-' .. ARGV[WHO]
      redis.call('HSET', KEYS[STORE], 'epoch', epoch)
      redis.call('HDEL', KEYS[STORE], 'lost')
      note(KEYS[KEYS_FIRST + 1], text, 'as it is')
      lost = nil
      return answer(false, { noticed })
      """),

  /**
   * Reads accounts. Has no more KEYS than those of the accounts. ARGV: the least age, in
   * milliseconds, of the holds to return. Returns the server's time and, for each account, what is
   * settled, the total, and a list of ids and records.
   */
  READ(
      """
      local latest = now - ARGV[1]
      local read = { whole(now) }
      for i, key in ipairs(KEYS) do
        local settled, total, oldest = unpack(redis.call('HMGET', key, 's', 't', 'o'))
        local holds = {}
        if oldest and tonumber(oldest) <= latest then
          oldest = now
          local fields = redis.call('HGETALL', key)
          for f = 1, #fields, 2 do
            local amount, since = string.match(fields[f + 1], '^(%d+) (%d+)$')
            if since then
              since = tonumber(since)
              if amount ~= '0' then
                oldest = math.min(oldest, since)
              end
              if since <= latest then
                holds[#holds + 1] = string.sub(fields[f], 2)
                holds[#holds + 1] = fields[f + 1]
              end
            end
          end
          redis.pcall('HSET', key, 'o', whole(oldest))
        end
        read[i + 1] = { settled or '0', total or '0', holds }
      end
      return read
      """);

  private final String text;
  private final String digest;

  Script(String body) {
    this.text = (name().equals("READ") ? ScriptFunctions.TIME : ScriptFunctions.ALL) + body;
    this.digest = Base16.digest(text.getBytes(UTF_8));
  }

  String text() {
    return text;
  }

  /** By which a server knows the script once it has seen its text. */
  String digest() {
    return digest;
  }
}
