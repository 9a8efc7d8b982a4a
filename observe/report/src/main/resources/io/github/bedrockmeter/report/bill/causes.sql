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

-- Ours beside theirs, a line for each cause of a cell's gap. Theirs and ours stand on the first line
-- of a cell only, so that every column adds up.
CREATE VIEW bill_lines AS
WITH lines AS (
  SELECT c.*, p.cause, p.units AS part_units, p.usd AS part_usd,
         row_number() OVER (PARTITION BY c.cell ORDER BY abs(p.usd) DESC NULLS LAST, p.cause) AS line
  FROM cells c LEFT JOIN causes p USING (cell)
)
SELECT
  cell, line,
  CAST(day AS VARCHAR) AS day, account, region,
  coalesce(usage_types, '') AS usage_type, profile, model, meter, tier,
  CASE WHEN is_global THEN 'global' ELSE 'regional' END AS scope, above AS above_tokens,
  CASE WHEN line = 1 THEN our_units END AS our_units,
  CASE WHEN line = 1 THEN our_usd END AS our_usd,
  CASE WHEN line = 1 THEN their_units END AS their_units,
  CASE WHEN line = 1 THEN their_usd END AS their_usd,
  coalesce(part_usd, 0) AS gap_usd,
  coalesce(part_units, 0) AS gap_units,
  coalesce(cause, '') AS cause,
  CASE WHEN final THEN 'final' ELSE 'not final' END AS final
FROM lines;
