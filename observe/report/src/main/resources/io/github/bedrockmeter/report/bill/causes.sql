-- SPDX-License-Identifier: Apache-2.0
--
-- Discounts: one share off the list price on every billed meter of a model. A model of which one
-- meter alone is billed shows no more than a rate, unless the share is a multiple of 0.5 %.
CREATE TABLE discounts AS
SELECT
  c.model, split_part(c.model, '.', 1) AS provider, any_value(r.share) AS share,
  min(c.day) AS first_day, count(*) AS cells
FROM cells c JOIN cell_rates r USING (cell)
WHERE c.their_usd > 0 AND (r.listed IS NULL OR r.listed > 0)
GROUP BY c.model
HAVING bool_and(r.share IS NOT NULL) AND count(DISTINCT r.share) = 1 AND any_value(r.share) > 0
   AND (count(DISTINCT (c.meter, c.tier, c.is_global, c.above)) > 1
        OR any_value(r.share) * 200 = round(any_value(r.share) * 200, 0));

-- Each part of a gap with its likely cause.
CREATE VIEW causes AS
SELECT
  p.cell, p.units, p.usd,
  CASE WHEN p.cause <> 'rate' THEN p.cause
       WHEN d.model IS NOT NULL THEN 'discount'
       ELSE 'price row' END AS cause
FROM gap_parts p
JOIN cells c USING (cell)
LEFT JOIN discounts d ON d.model = c.model;
