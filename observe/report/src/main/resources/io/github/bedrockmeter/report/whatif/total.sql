-- SPDX-License-Identifier: Apache-2.0
--
-- What sums.sql has by group, of all calls together.
SELECT
  count(*) FILTER (WHERE w.reason IS NULL) AS calls,
  count(*) FILTER (WHERE w.reason IS NOT NULL) AS left_out,
  sum(w.before_usd) FILTER (WHERE w.reason IS NULL) AS before_usd,
  sum(w.after_usd) FILTER (WHERE w.reason IS NULL) AS after_usd,
  sum(w.after_usd - w.before_usd) FILTER (WHERE w.reason IS NULL) AS difference_usd
FROM what_if_costs w;
