-- SPDX-License-Identifier: Apache-2.0
--
-- Every dollar of the bill for Bedrock: what is compared, and what is not, with the reason as its
-- cause. their_usd adds up to the bill.
SELECT * EXCLUDE (place, cell, line) FROM (
  SELECT 1 AS place, 'compared' AS what, * FROM bill_lines
  UNION ALL
  SELECT 2, what, 0, 1, CAST(day AS VARCHAR), account, coalesce(source_region, ''), usage_type, profile,
         coalesce(model, ''), coalesce(meter, ''), coalesce(tier, ''), '', NULL,
         NULL, NULL, sum(units), sum(their_usd), NULL, NULL, coalesce(reason, ''), ''
  FROM bill_read
  WHERE what <> 'compared'
  GROUP BY ALL
)
ORDER BY place, cell, line, what, day, account, usage_type, profile, their_usd;
