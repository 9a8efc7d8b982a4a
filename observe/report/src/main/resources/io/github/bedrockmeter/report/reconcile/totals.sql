-- SPDX-License-Identifier: Apache-2.0
--
-- Both sides as wholes, within the period. Sums are of the calls whose cost is known.
SELECT d.from_time, d.until_time,
       (SELECT count(*) FROM pairs) AS matched,
       sides.log_calls, sides.aws_usd, sides.log_unpriced,
       sides.journal_calls, sides.ours_usd, sides.journal_unpriced
FROM compared_period d
CROSS JOIN (
  SELECT count(*) FILTER (WHERE c.side = 'log') AS log_calls,
         coalesce(sum(c.cost_usd) FILTER (WHERE c.side = 'log'), 0) AS aws_usd,
         count(*) FILTER (WHERE c.side = 'log' AND c.cost_usd IS NULL) AS log_unpriced,
         count(*) FILTER (WHERE c.side = 'journal') AS journal_calls,
         coalesce(sum(c.cost_usd) FILTER (WHERE c.side = 'journal'), 0) AS ours_usd,
         count(*) FILTER (WHERE c.side = 'journal' AND c.cost_usd IS NULL) AS journal_unpriced
  FROM (
    SELECT 'log' AS side, time, cost_usd FROM log_calls WHERE delivery = 1
    UNION ALL
    SELECT 'journal', time, cost_usd FROM journal_calls
  ) c
  CROSS JOIN compared_period p
  WHERE c.time >= p.from_time AND c.time < p.until_time
) sides;
