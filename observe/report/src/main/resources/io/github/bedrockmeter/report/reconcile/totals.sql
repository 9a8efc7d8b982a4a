-- SPDX-License-Identifier: Apache-2.0
--
-- Both sides as wholes, within the period. Sums are of the calls whose cost is known.
SELECT d.from_time, d.until_time,
       (SELECT count(*) FROM pairs) AS matched,
       count(*) FILTER (c.side = 'log') AS log_calls,
       coalesce(sum(c.cost_usd) FILTER (c.side = 'log'), 0) AS aws_usd,
       count(*) FILTER (c.side = 'log' AND c.cost_usd IS NULL) AS log_unpriced,
       count(*) FILTER (c.side = 'journal') AS journal_calls,
       coalesce(sum(c.cost_usd) FILTER (c.side = 'journal'), 0) AS ours_usd,
       count(*) FILTER (c.side = 'journal' AND c.cost_usd IS NULL) AS journal_unpriced
FROM compared_period d
LEFT JOIN (
  SELECT 'log' AS side, time, cost_usd FROM log_calls WHERE delivery = 1
  UNION ALL
  SELECT 'journal', time, cost_usd FROM journal_calls
) c ON c.time >= d.from_time AND c.time < d.until_time
GROUP BY ALL;
