-- SPDX-License-Identifier: Apache-2.0
--
-- For Athena: calls whose cost is unknown, and why.
SELECT coalesce(model, model_id) AS model, region, unpriced_reason,
       count(*) AS calls, min(time) AS first_time, max(time) AS last_time
FROM bedrock_calls
WHERE day BETWEEN '2026-10-01' AND '2026-10-31' AND cost_usd IS NULL
GROUP BY coalesce(model, model_id), region, unpriced_reason
ORDER BY calls DESC, model, region, unpriced_reason
