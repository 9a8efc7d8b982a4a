-- SPDX-License-Identifier: Apache-2.0
--
-- What the prompt cache saved and cost, by model. A read saves the difference to the price of input;
-- a write costs the difference to it. The price of input is that of the same call, and else the
-- highest that a call of the same model, region and tier paid in the report; without one, what was
-- saved is unknown. A write is wasted as far as reads of the same model did not earn it back.
CREATE OR REPLACE TEMP TABLE report_cache AS
WITH lines AS (
  SELECT c.call, coalesce(c.model, c.model_id) AS model, c.region, c.tier,
         split_part(h.meter, '.', 1) AS meter, h.units, h.usd, h.rate_usd, h.rate_per
  FROM report_calls c
  JOIN charges h ON h.call = c.call
  WHERE NOT c.earlier
),
own AS (
  SELECT call, max(rate_usd) AS rate_usd, max(rate_per) AS rate_per
  FROM lines WHERE meter = 'input' GROUP BY call
),
usual AS (
  SELECT model, region, tier, max(rate_usd) AS rate_usd, max(rate_per) AS rate_per
  FROM lines WHERE meter = 'input' GROUP BY ALL
),
compared AS (
  SELECT l.model, l.meter, l.units, l.usd,
         -- Compared with input at its own price: units * rate / per, and "per" is a power of ten.
         l.units * coalesce(o.rate_usd, u.rate_usd)
           * CASE coalesce(o.rate_per, u.rate_per)
               WHEN 1 THEN 1::DECIMAL(10,9) WHEN 1000 THEN 0.001::DECIMAL(10,9)
               WHEN 1000000 THEN 0.000001::DECIMAL(10,9)
             END AS as_input_usd
  FROM lines l
  LEFT JOIN own o ON o.call = l.call
  LEFT JOIN usual u ON u.model = l.model AND u.region IS NOT DISTINCT FROM l.region
    AND u.tier IS NOT DISTINCT FROM l.tier
  WHERE l.meter IN ('cacheRead', 'cacheWrite')
),
summed AS (
  SELECT model,
         coalesce(sum(units) FILTER (meter = 'cacheRead'), 0) AS read_tokens,
         coalesce(sum(units) FILTER (meter = 'cacheWrite'), 0) AS written_tokens,
         coalesce(sum(as_input_usd - usd) FILTER (meter = 'cacheRead'), 0) AS saved_usd,
         coalesce(sum(usd - as_input_usd) FILTER (meter = 'cacheWrite'), 0) AS write_extra_usd,
         count(*) FILTER (usd IS NULL OR as_input_usd IS NULL) AS unknown_lines
  FROM compared
  GROUP BY model
)
SELECT model, read_tokens, written_tokens, saved_usd, write_extra_usd,
       saved_usd - write_extra_usd AS net_usd,
       greatest(write_extra_usd - saved_usd, 0) AS wasted_usd,
       unknown_lines
FROM summed;
