-- SPDX-License-Identifier: Apache-2.0
--
-- What was spent, by period and by the keys that are asked for. A key is null where a call has none,
-- such as an untagged call. "keys" and "joins" are put together from a fixed list of columns; the
-- names of tags are rows of "report_dimensions". Parameters: how many groups have a row of their own
-- (the others share one, and no sum changes), four times.
--
-- Dollars are exact. "at_least_usd" is the part that is certain: calls without a price may have cost
-- more, and "unpriced_calls" counts them.
CREATE OR REPLACE TEMP TABLE report_rows AS
WITH keyed AS (
  SELECT c.*, [/*keys*/]::VARCHAR[] AS keys
  FROM report_calls c
  /*joins*/
),
places AS (
  SELECT keys,
         row_number() OVER (
           ORDER BY coalesce(sum(cost_at_least_usd) FILTER (NOT earlier), 0) DESC, count(*) DESC, keys
         ) AS place
  FROM keyed
  GROUP BY keys
),
placed AS (
  SELECT k.*, least(q.place, ? + 1) AS place
  FROM keyed k
  JOIN places q ON q.keys IS NOT DISTINCT FROM k.keys
),
folded AS (
  SELECT count(*) AS others FROM places WHERE place > ?
),
summed AS (
  SELECT grouping(period) AS is_total,
         period,
         place,
         any_value(keys) AS keys,
         count(*) FILTER (NOT earlier) AS calls,
         sum(input_tokens) FILTER (NOT earlier) AS input_tokens,
         sum(output_tokens) FILTER (NOT earlier) AS output_tokens,
         sum(cache_read_tokens) FILTER (NOT earlier) AS cache_read_tokens,
         sum(cache_write_tokens) FILTER (NOT earlier) AS cache_write_tokens,
         coalesce(sum(cost_at_least_usd) FILTER (NOT earlier), 0) AS at_least_usd,
         count(*) FILTER (NOT earlier AND cost_usd IS NULL) AS unpriced_calls,
         count(*) FILTER (earlier) AS earlier_calls,
         coalesce(sum(cost_at_least_usd) FILTER (earlier), 0) AS earlier_at_least_usd,
         count(*) FILTER (earlier AND cost_usd IS NULL) AS earlier_unpriced_calls
  FROM placed
  GROUP BY GROUPING SETS ((period, place), ())
)
SELECT s.is_total,
       s.place,
       p.n AS period,
       p.label AS period_label,
       CASE WHEN s.is_total = 0 AND s.place > ? THEN f.others END AS others,
       CASE WHEN s.is_total = 0 AND s.place <= ? THEN s.keys END AS keys,
       s.calls,
       s.input_tokens,
       s.output_tokens,
       s.cache_read_tokens,
       s.cache_write_tokens,
       s.at_least_usd,
       s.unpriced_calls,
       s.earlier_calls,
       s.earlier_at_least_usd,
       s.at_least_usd - s.earlier_at_least_usd AS change_usd,
       s.earlier_unpriced_calls
FROM summed s
CROSS JOIN folded f
LEFT JOIN report_periods p ON p.n = s.period AND NOT p.earlier;
