-- SPDX-License-Identifier: Apache-2.0
--
-- For Athena: each day's calls, tokens and dollars by account and model.
WITH delivered AS (
  SELECT day, account, coalesce(model, model_id) AS model,
         source, request_id, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
         cost_usd, cost_at_least_usd,
         row_number() OVER (PARTITION BY request_id ORDER BY call) AS delivery
  FROM bedrock_calls
  WHERE day BETWEEN '2026-10-01' AND '2026-10-31'
)
SELECT day, account, model,
       count(*) AS calls,
       sum(input_tokens) AS input_tokens,
       sum(output_tokens) AS output_tokens,
       sum(cache_read_tokens) AS cache_read_tokens,
       sum(cache_write_tokens) AS cache_write_tokens,
       sum(cost_at_least_usd) AS at_least_usd,
       count(*) - count(cost_usd) AS unpriced_calls
FROM delivered
WHERE source = 'journal' OR request_id IS NULL OR delivery = 1
GROUP BY day, account, model
ORDER BY day, at_least_usd DESC, account, model
