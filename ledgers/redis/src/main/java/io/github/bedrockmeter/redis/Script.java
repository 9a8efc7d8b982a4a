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
   * Lua's numbers are doubles, exact up to 2^53 only. So amounts stay decimal strings: HINCRBY adds
   * them exactly, in 64 bits, HGET reads the sum, and sums are compared as strings. What would need
   * an addition to be compared is subtracted by the caller from the other side: instead of
   * "total + amount <= limit", "total <= room".
   *
   * A server that takes no writes says so at the first one, so that a script happens whole or not at
   * all. The one exception is a settlement that overflows: the accounts before it are settled.
   */

  /**
   * Takes all holds or none. ARGV: grace; for each account id, amount, room, cap, whether enforced,
   * end, idle time. Returns number and total of each account where the hold does not fit.
   */
  HOLD(
      """
      local WIDTH = 7
      local short, refused = {}, false
      for i = 1, #KEYS - 1 do
        local key = KEYS[i + 1]
        local id, _, room, cap, enforced = unpack(ARGV, 2 + WIDTH * (i - 1), 1 + WIDTH * i)
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
        return short
      end
      for i = 1, #KEYS - 1 do
        local key = KEYS[i + 1]
        local id, amount, _, _, _, finish, idle = unpack(ARGV, 2 + WIDTH * (i - 1), 1 + WIDTH * i)
        if redis.call('HSETNX', key, '#' .. id, amount .. ' ' .. whole(now)) == 1 then
          local fresh = open(key)
          redis.call('HINCRBY', key, 't', amount)
          keep(key, fresh, finish, idle)
        end
      end
      return short
      """),

  /**
   * Ends holds. ARGV: grace; for each account id, actual, cap, end, idle time. Returns what was
   * settled before and after in each.
   */
  SETTLE(
      """
      local WIDTH = 5
      local steps = {}
      for i = 1, #KEYS - 1 do
        local key = KEYS[i + 1]
        local id, actual, cap, finish, idle = unpack(ARGV, 2 + WIDTH * (i - 1), 1 + WIDTH * i)
        steps[#steps + 1] = redis.call('HGET', key, 's') or '0'
        local held = redis.call('HGET', key, '#' .. id)
        if held then
          if not atMost(redis.call('HGET', key, 't'), cap) then
            return redis.error_reply('ERR the sum of what is settled in ' .. key .. ' overflows')
          end
          redis.call('HDEL', key, '#' .. id)
          take(key, 't', string.match(held, '^%d+'))
          redis.call('HINCRBY', key, 't', actual)
          redis.call('HINCRBY', key, 's', actual)
          keep(key, false, finish, idle)
        end
        steps[#steps + 1] = redis.call('HGET', key, 's') or '0'
      end
      return steps
      """),

  /**
   * Sets a hold's amount to zero and keeps its record. ARGV: grace, id, end, idle time. Answers
   * nothing.
   */
  RELEASE(
      """
      local key = KEYS[2]
      local _, id, finish, idle = unpack(ARGV)
      local held = redis.call('HGET', key, '#' .. id)
      if held then
        local amount, since = string.match(held, '^(%d+) (%d+)$')
        redis.call('HSET', key, '#' .. id, '0 ' .. since)
        take(key, 't', amount)
        keep(key, false, finish, idle)
      end
      return {}
      """),

  /**
   * Adds to what is settled, or takes from it down to zero; once for each note's key. ARGV: grace,
   * how long the note is kept, sign, amount, cap, end, idle time. Returns what was settled before
   * and after.
   */
  ADJUST(
      """
      local key, note = KEYS[2], KEYS[3]
      local _, kept, sign, amount, cap, finish, idle = unpack(ARGV)
      local known = redis.call('GET', note)
      if known then
        return { string.match(known, '^(%d+) (%d+)$') }
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
      redis.call('SET', note, before .. ' ' .. after, 'PX', kept)
      return { before, after }
      """),

  /**
   * Reads accounts. ARGV: the least age, in milliseconds, of the holds to return. Returns the
   * server's time and, for each account, what is settled, the total, and a list of ids and records.
   */
  READ(
      """
      local latest = now - ARGV[1]
      local answer = { whole(now) }
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
        answer[i + 1] = { settled or '0', total or '0', holds }
      end
      return answer
      """);

  private static final String FUNCTIONS =
      """
      local time = redis.call('TIME')
      local now = time[1] * 1000 + math.floor(time[2] / 1000)

      local function whole(number)
        return string.format('%.0f', number)
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
        local grace = tonumber(ARGV[1])
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
          redis.call('ZADD', KEYS[1], till and whole(till) or '+inf', key)
        end
        if fresh then
          local gone =
            redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. whole(now), 'LIMIT', 0, 10)
          if #gone > 0 then
            redis.call('ZREM', KEYS[1], unpack(gone))
          end
        end
      end

      """;

  private final String text;
  private final String digest;

  Script(String body) {
    this.text = FUNCTIONS + body;
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
