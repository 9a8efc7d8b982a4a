-- SPDX-License-Identifier: Apache-2.0
--
-- Before and after of all calls; as in sums.sql, one of which something is not known is in no sum.
SELECT
  count(*) FILTER (WHERE w.reason IS NULL) AS calls,
  count(*) FILTER (WHERE w.reason IS NOT NULL) AS left_out,
  sum(w.before_usd) FILTER (WHERE w.reason IS NULL) AS before_usd,
  sum(w.after_usd) FILTER (WHERE w.reason IS NULL) AS after_usd,
  sum(w.after_usd - w.before_usd) FILTER (WHERE w.reason IS NULL) AS difference_usd
FROM what_if_costs w JOIN counted_calls c USING (call);
