-- SPDX-License-Identifier: Apache-2.0
--
-- What the prompt cache saved and cost, by model. A read saves the difference to the price of input;
-- a write costs the difference to it. The price of input is that of the same call, and else the
-- highest that a call of the same model, region and tier paid in the report; without one, what was
-- saved is unknown. A write is wasted as far as reads of the same model did not earn it back.
--
-- Amounts are null where they are unknown. Where only some of the counts have a price, "saved_usd" and
-- "write_extra_usd" are what is certain; "net_usd" is so with unknown reads, and "wasted_usd" with
-- unknown writes.
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
         sum(as_input_usd - usd) FILTER (meter = 'cacheRead') AS saved_usd,
         sum(usd - as_input_usd) FILTER (meter = 'cacheWrite') AS write_extra_usd,
         count(*) FILTER (meter = 'cacheRead' AND (usd IS NULL OR as_input_usd IS NULL)) AS unknown_reads,
         count(*) FILTER (meter = 'cacheWrite' AND (usd IS NULL OR as_input_usd IS NULL)) AS unknown_writes
  FROM compared
  GROUP BY model
),
stated AS (
  -- Without a count, it is nothing; with unknown ones only, it is unknown.
  SELECT * REPLACE (
           CASE WHEN unknown_reads = 0 THEN coalesce(saved_usd, 0) ELSE saved_usd END AS saved_usd,
           CASE WHEN unknown_writes = 0 THEN coalesce(write_extra_usd, 0) ELSE write_extra_usd END
             AS write_extra_usd)
  FROM summed
)
SELECT model, read_tokens, written_tokens, saved_usd, write_extra_usd,
       CASE WHEN unknown_writes = 0 THEN saved_usd - write_extra_usd END AS net_usd,
       CASE WHEN unknown_reads = 0 AND write_extra_usd IS NOT NULL
            THEN greatest(write_extra_usd - saved_usd, 0)
            WHEN unknown_writes = 0 AND (write_extra_usd = 0 OR saved_usd >= write_extra_usd) THEN 0
       END AS wasted_usd,
       unknown_reads, unknown_writes
FROM stated;
