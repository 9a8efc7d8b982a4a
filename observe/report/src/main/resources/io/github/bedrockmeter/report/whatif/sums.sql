-- SPDX-License-Identifier: Apache-2.0
--
-- Before and after by group; Grouping puts columns, joins and order in. Calls of which
-- one of the two is not known are counted and in no sum.
SELECT
  {columns},
  count(*) FILTER (WHERE w.reason IS NULL) AS calls,
  count(*) FILTER (WHERE w.reason IS NOT NULL) AS left_out,
  sum(w.before_usd) FILTER (WHERE w.reason IS NULL) AS before_usd,
  sum(w.after_usd) FILTER (WHERE w.reason IS NULL) AS after_usd,
  sum(w.after_usd - w.before_usd) FILTER (WHERE w.reason IS NULL) AS difference_usd
FROM what_if_costs w JOIN counted_calls c USING (call)
{joins}
GROUP BY ALL
ORDER BY abs(difference_usd) DESC NULLS LAST, {order};
