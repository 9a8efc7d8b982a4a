-- SPDX-License-Identifier: Apache-2.0
--
-- Both sides as wholes, within the period. Sums are what is certain: of a call without a whole price,
-- the part that has one.
SELECT d.from_time, d.until_time,
       sides.matched,
       sides.log_calls, sides.aws_usd, sides.log_unpriced,
       sides.journal_calls, sides.ours_usd, sides.journal_unpriced
FROM compared_period d
CROSS JOIN (
  SELECT count(*) FILTER (WHERE c.side = 'log') AS log_calls,
         count(*) FILTER (WHERE c.side = 'log' AND c.is_matched) AS matched,
         coalesce(sum(c.cost_at_least_usd) FILTER (WHERE c.side = 'log'), 0) AS aws_usd,
         count(*) FILTER (WHERE c.side = 'log' AND c.cost_usd IS NULL) AS log_unpriced,
         count(*) FILTER (WHERE c.side = 'journal') AS journal_calls,
         coalesce(sum(c.cost_at_least_usd) FILTER (WHERE c.side = 'journal'), 0) AS ours_usd,
         count(*) FILTER (WHERE c.side = 'journal' AND c.cost_usd IS NULL) AS journal_unpriced
  FROM (
    SELECT 'log' AS side, l.time, l.cost_usd, l.cost_at_least_usd, p.log_call IS NOT NULL AS is_matched
    FROM log_calls l
    LEFT JOIN pairs p ON p.log_call = l.call
    WHERE l.delivery = 1
    UNION ALL
    SELECT 'journal', time, cost_usd, cost_at_least_usd, FALSE FROM journal_calls
  ) c
  CROSS JOIN compared_period p
  WHERE c.time >= p.from_time AND c.time < p.until_time
) sides;
