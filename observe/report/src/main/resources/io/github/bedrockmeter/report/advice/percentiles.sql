-- SPDX-License-Identifier: Apache-2.0
--
-- Percentiles of the days on which a value called: amounts that were spent, not between them.
SELECT
  value, count(*) AS days, sum(calls)::BIGINT AS calls, sum(unpriced)::BIGINT AS unpriced,
  quantile_disc(usd, 0.5) AS median_usd,
  quantile_disc(usd, ?::DECIMAL(9,6)::DOUBLE) AS percentile_usd,
  max(usd) AS highest_usd,
  sum(usd) AS total_usd
FROM advice_days
GROUP BY value
ORDER BY total_usd DESC, value;
