-- SPDX-License-Identifier: Apache-2.0
--
-- Calls whose cost is unknown, and why.
SELECT coalesce(model, model_id) AS model, unpriced_reason AS reason, count(*) AS calls,
       sum(total_tokens) AS total_tokens, sum(cost_at_least_usd) AS at_least_usd
FROM report_calls
WHERE NOT earlier AND cost_usd IS NULL
GROUP BY ALL
ORDER BY calls DESC, model, reason;
