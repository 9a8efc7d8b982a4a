-- SPDX-License-Identifier: Apache-2.0
--
-- Each call with the model, region, tier, day and context band that it is priced by.
CREATE TABLE rated_calls AS
WITH asked AS (
  SELECT
    c.call, c.time,
    coalesce(m.target, c.model_id, '') AS target,
    coalesce(c.region, '') AS region,
    coalesce(s.tier, c.tier, 'standard') AS tier,
    coalesce(s.day, CAST(c.time AS DATE)) AS day,
    coalesce(c.input_tokens, 0) + coalesce(c.cache_read_tokens, 0) + coalesce(c.cache_write_tokens, 0) AS prompt,
    s.no_cache
  FROM counted_calls c
  CROSS JOIN rated_settings s
  LEFT JOIN rated_models m ON m.model_id = c.model_id
  WHERE (s.from_time IS NULL OR c.time >= s.from_time) AND (s.to_time IS NULL OR c.time < s.to_time)
),
banded AS (
  SELECT a.* EXCLUDE (prompt), coalesce(b.above, 0) AS above
  FROM asked a
  LEFT JOIN LATERAL (
    SELECT max(above) AS above FROM rated_bands b WHERE b.target = a.target AND b.above < a.prompt
  ) b ON TRUE
)
SELECT call, time, no_cache, target, region, tier, day, above,
       dense_rank() OVER (ORDER BY target, region, tier, day, above) AS key
FROM banded;

-- Their counts. Without a cache, cached tokens are input.
CREATE VIEW rated_charges AS
SELECT c.call, c.key,
       CASE WHEN c.no_cache AND h.meter LIKE 'cache%' THEN 'input' ELSE h.meter END AS meter,
       h.units
FROM rated_calls c JOIN charges h USING (call);
