-- SPDX-License-Identifier: Apache-2.0
--
-- For Athena: what each cost center spent in a month, the most expensive first. A request that a log
-- delivered twice counts once. "at_least_usd" is the part that is certain.
WITH delivered AS (
  SELECT substr(day, 1, 7) AS month,
         coalesce(element_at(tags, 'costCenter'), '(none)') AS cost_center,
         source, request_id, total_tokens, cost_usd, cost_at_least_usd,
         row_number() OVER (PARTITION BY request_id ORDER BY call) AS delivery
  FROM bedrock_calls
  WHERE day BETWEEN '2026-10-01' AND '2026-10-31'
)
SELECT month, cost_center,
       count(*) AS calls,
       sum(total_tokens) AS tokens,
       sum(cost_at_least_usd) AS at_least_usd,
       count(*) - count(cost_usd) AS unpriced_calls
FROM delivered
WHERE source = 'journal' OR request_id IS NULL OR delivery = 1
GROUP BY month, cost_center
ORDER BY at_least_usd DESC, month, cost_center
