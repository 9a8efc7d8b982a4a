-- SPDX-License-Identifier: Apache-2.0
--
-- The sums of a group; Grouping puts columns, joins and order in.
--
-- advice: out of each group's own figures. Without cache points there are no reads either, so they are
-- advised against where reads save no more than writes cost. "late" are writes for 5 minutes that were never read,
-- while the model's cache was used again within the hour; "early" writes for an hour whose first
-- read came within 5 minutes.
WITH sums AS (
  SELECT
    {columns},
    coalesce(sum(f.units) FILTER (WHERE f.kind = 'read'), 0)::BIGINT AS read_tokens,
    coalesce(sum(f.usd) FILTER (WHERE f.kind = 'read'), 0) AS saved_usd,
    coalesce(sum(f.units) FILTER (WHERE f.kind = 'write'), 0)::BIGINT AS written_tokens,
    coalesce(sum(f.usd) FILTER (WHERE f.kind = 'write'), 0) AS write_premium_usd,
    coalesce(sum(f.units) FILTER (WHERE f.fate = 'never read'), 0)::BIGINT AS never_read_tokens,
    coalesce(sum(greatest(f.usd, 0)) FILTER (WHERE f.fate = 'never read'), 0) AS wasted_usd,
    coalesce(sum(f.units) FILTER (WHERE f.fate = 'open'), 0)::BIGINT AS open_tokens,
    count(*) FILTER (WHERE f.usd IS NULL) AS unpriced,
    coalesce(sum(f.units) FILTER (WHERE f.late), 0)::BIGINT AS late_tokens,
    coalesce(sum(f.read_less_usd) FILTER (WHERE f.late), 0) AS late_gain,
    coalesce(sum(f.hour_more_usd) FILTER (WHERE NOT coalesce(f.late, FALSE)), 0) AS hour_price,
    count(*) FILTER (WHERE f.late AND f.hour_more_usd IS NULL) AS no_hour,
    coalesce(sum(f.units) FILTER (WHERE f.early), 0)::BIGINT AS early_tokens,
    coalesce(sum(f.five_less_usd) FILTER (WHERE f.early), 0) AS early_gain,
    coalesce(sum(f.units) FILTER (WHERE f.meter = 'cacheWrite.1h'), 0)::BIGINT AS hour_tokens
  FROM cache_facts f JOIN counted_calls c USING (call)
  {joins}
  GROUP BY ALL
)
SELECT
  * EXCLUDE (late_tokens, late_gain, hour_price, no_hour, early_tokens, early_gain, hour_tokens),
  saved_usd - write_premium_usd AS net_usd,
  CASE
    WHEN written_tokens = 0 THEN ''
    WHEN never_read_tokens = written_tokens AND late_tokens * 2 < written_tokens AND saved_usd <= write_premium_usd
      THEN 'no write was read: leave the cache points out'
    WHEN late_tokens > 0 AND no_hour = 0 AND late_gain > hour_price
      THEN 'write for 1 hour: ' || late_tokens || ' tokens ended before the next use within the hour'
    WHEN hour_tokens > 0 AND early_tokens = hour_tokens
      THEN 'write for 5 minutes: every first read came within them'
    WHEN never_read_tokens * 2 > written_tokens
      THEN 'more than half of the writes were never read: cache only what is used again'
    WHEN saved_usd < write_premium_usd THEN 'writes cost more than reads save'
    ELSE 'keep'
  END AS advice
FROM sums
ORDER BY wasted_usd DESC, saved_usd DESC, {order};
