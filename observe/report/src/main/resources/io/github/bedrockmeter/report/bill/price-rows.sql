-- SPDX-License-Identifier: Apache-2.0
--
-- Rates of the bill that explain a gap: one rate of a meter on every day since the first gap. Long
-- contexts have no rate of one's own.
SELECT
  c.model, c.tier, c.is_global, c.region, c.meter,
  any_value(round(r.theirs, 15)) AS rate,
  CAST(min(c.day) AS VARCHAR) AS first_day, count(*) AS cells
FROM causes p
JOIN cells c USING (cell)
JOIN cell_rates r USING (cell)
WHERE p.cause = 'price row' AND c.above = 0 AND c.model <> 'guardrails'
GROUP BY c.model, c.tier, c.is_global, c.region, c.meter
HAVING count(DISTINCT round(r.theirs, 12)) = 1
ORDER BY ALL;
