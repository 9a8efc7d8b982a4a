-- SPDX-License-Identifier: Apache-2.0
--
-- How close estimates came, by model: what was held before the calls and what they used, of calls
-- that were completed and whose counts were reported. Shares are in tenths of a per cent.
SELECT coalesce(model, model_id) AS model,
       count(*) AS calls,
       sum(estimated_tokens) AS held_tokens,
       sum(total_tokens) AS used_tokens,
       (sum(total_tokens) * 1000 // greatest(sum(estimated_tokens), 1))::BIGINT AS used_permille,
       count(*) FILTER (total_tokens > estimated_tokens) AS over_estimate,
       sum(estimated_usd) FILTER (estimated_usd IS NOT NULL AND cost_usd IS NOT NULL) AS held_usd,
       sum(cost_usd) FILTER (estimated_usd IS NOT NULL AND cost_usd IS NOT NULL) AS used_usd
FROM report_calls
WHERE NOT earlier AND estimated_tokens IS NOT NULL AND total_tokens IS NOT NULL
  AND charge = 'REPORTED' AND outcome = 'completed'
GROUP BY ALL
ORDER BY calls DESC, model;
