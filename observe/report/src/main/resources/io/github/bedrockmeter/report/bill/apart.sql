-- SPDX-License-Identifier: Apache-2.0
--
-- What the bill charges and is not compared: credits, tax, discounts, capacity, what is not
-- understood. usd is the unblended cost, net_usd the net cost; rows that are compared have their
-- discount here, where it is a column and not a row of its own.
SELECT what, line_type, usage_type, product, reason, rows, usd, net_usd FROM (
  SELECT what, line_type, usage_type, product, coalesce(reason, '') AS reason,
         count(*) AS rows, sum(usd) AS usd, sum(net_usd) AS net_usd
  FROM bill_read
  WHERE what <> 'compared'
  GROUP BY ALL
  UNION ALL
  SELECT 'discount', 'column', '', '', 'taken off rows that are compared',
         count(*), sum(net_usd - usd), sum(net_usd - usd)
  FROM bill_read
  WHERE what = 'compared' AND net_usd <> usd
  HAVING count(*) > 0
)
ORDER BY what, abs(usd) DESC, usage_type, product, reason, line_type;
