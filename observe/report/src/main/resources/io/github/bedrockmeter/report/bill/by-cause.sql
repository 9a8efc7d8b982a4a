-- SPDX-License-Identifier: Apache-2.0
--
-- The gap by cause, largest first; final and not final days apart.
SELECT
  p.cause, c.final AS final_days, count(*) AS lines,
  count(DISTINCT c.model) AS models, sum(p.usd) AS gap_usd
FROM causes p JOIN cells c USING (cell)
GROUP BY p.cause, c.final
ORDER BY abs(sum(p.usd)) DESC, p.cause, c.final DESC;
