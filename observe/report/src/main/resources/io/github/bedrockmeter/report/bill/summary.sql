-- SPDX-License-Identifier: Apache-2.0
--
-- The totals.
SELECT what, lines, our_usd, their_usd, gap_usd FROM (
  SELECT 1 AS place, 'compared, final days' AS what, count(*) AS lines,
         sum(our_usd) AS our_usd, sum(their_usd) AS their_usd,
         coalesce(sum(their_usd), 0) - coalesce(sum(our_usd), 0) AS gap_usd
  FROM cells WHERE final HAVING count(*) > 0
  UNION ALL
  SELECT 2, 'compared, days not final', count(*), sum(our_usd), sum(their_usd),
         coalesce(sum(their_usd), 0) - coalesce(sum(our_usd), 0)
  FROM cells WHERE NOT final HAVING count(*) > 0
  UNION ALL
  SELECT CASE what WHEN 'not understood' THEN 3 WHEN 'capacity' THEN 4 WHEN 'other service' THEN 9 ELSE 5 END,
         what, count(*), NULL, sum(their_usd), NULL
  FROM bill_read WHERE what <> 'compared' GROUP BY what
)
ORDER BY place, what;
