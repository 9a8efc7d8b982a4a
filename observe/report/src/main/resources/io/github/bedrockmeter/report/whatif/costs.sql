-- SPDX-License-Identifier: Apache-2.0
--
-- What each call would have cost; null, with the reason, where that is not known.
CREATE TABLE what_if_costs AS
SELECT
  r.call, c.model, c.cost_usd AS before_usd,
  CASE WHEN p.missing IS NULL AND (p.call IS NOT NULL OR c.cost_usd IS NOT NULL)
       THEN coalesce(p.usd, 0) END AS after_usd,
  CASE WHEN p.call IS NULL AND c.cost_usd IS NULL THEN 'its usage is not known'
       WHEN p.missing IS NOT NULL THEN p.missing
       WHEN c.cost_usd IS NULL THEN 'it has no cost to compare with'
  END AS reason
FROM rated_calls r
JOIN calls c USING (call)
LEFT JOIN (
  SELECT h.call, sum(h.units * t.usd_each) AS usd,
         min(t.reason) FILTER (WHERE t.usd_each IS NULL) AS missing
  FROM rated_charges h JOIN rated_rates t USING (key, meter)
  GROUP BY h.call
) p ON p.call = r.call;
