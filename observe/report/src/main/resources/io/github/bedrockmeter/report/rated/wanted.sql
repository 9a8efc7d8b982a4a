-- SPDX-License-Identifier: Apache-2.0
--
-- The rates that are needed. The parameter says whether the input rate of every call is.
SELECT DISTINCT k.key, k.target, k.region, k.tier, CAST(k.day AS VARCHAR) AS day, k.above, w.meter
FROM (SELECT DISTINCT key, target, region, tier, day, above FROM rated_calls) k
JOIN (
  SELECT DISTINCT key, meter FROM rated_charges
  UNION
  SELECT key, m.meter FROM rated_calls CROSS JOIN (VALUES ('input'), ('cacheRead'), ('cacheWrite.5m'), ('cacheWrite.1h')) m(meter) WHERE ?
) w USING (key)
ORDER BY k.key, w.meter;
