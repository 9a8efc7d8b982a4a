-- SPDX-License-Identifier: Apache-2.0
--
-- Ours beside theirs, a line for each cause of a cell's gap; the parameter says whether what does
-- not differ is listed too. Theirs and ours stand on the first line of a cell only, so that every
-- column adds up.
WITH lines AS (
  SELECT c.*, p.cause, p.units AS part_units, p.usd AS part_usd,
         row_number() OVER (PARTITION BY c.cell ORDER BY abs(p.usd) DESC NULLS LAST, p.cause) AS line
  FROM cells c LEFT JOIN causes p USING (cell)
)
SELECT
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
FROM lines
WHERE ? OR coalesce(cause, 'rounding') <> 'rounding'
ORDER BY cell, line;
