-- SPDX-License-Identifier: Apache-2.0
--
-- For Athena: what was counted in a month, by model and meter, with its dollars. "unpriced" counts are
-- in "units" and not in "usd".
WITH delivered AS (
  SELECT coalesce(model, model_id) AS model, source, request_id, charges,
         row_number() OVER (PARTITION BY request_id ORDER BY call) AS delivery
  FROM bedrock_calls
  WHERE day BETWEEN '2026-10-01' AND '2026-10-31'
)
SELECT d.model, c.meter,
       sum(c.units) AS units,
       sum(c.usd) AS usd,
       count(*) - count(c.usd) AS unpriced
FROM delivered d
CROSS JOIN UNNEST(d.charges) AS c (meter, units, source, usd, rate_usd, rate_per, rate_basis, rate_source)
WHERE d.source = 'journal' OR d.request_id IS NULL OR d.delivery = 1
GROUP BY d.model, c.meter
ORDER BY usd DESC, d.model, c.meter
