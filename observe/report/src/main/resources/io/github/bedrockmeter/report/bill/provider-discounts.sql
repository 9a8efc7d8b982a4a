-- SPDX-License-Identifier: Apache-2.0
--
-- Discounts that explain a gap: a provider's where all of at least two billed models of it have the
-- same share, else each model's own.
WITH explaining AS (
  SELECT * FROM discounts d
  WHERE EXISTS (SELECT 1 FROM causes p JOIN cells c USING (cell) WHERE p.cause = 'discount' AND c.model = d.model)
),
providers AS (
  SELECT split_part(c.model, '.', 1) AS provider
  FROM (SELECT DISTINCT model FROM cells WHERE their_usd > 0 AND model <> 'guardrails') c
  LEFT JOIN explaining e USING (model)
  GROUP BY 1
  HAVING count(*) > 1 AND bool_and(e.model IS NOT NULL) AND count(DISTINCT e.share) = 1
)
SELECT 'provider' AS kind, provider AS subject, any_value(share) AS share,
       CAST(min(first_day) AS VARCHAR) AS first_day, sum(cells) AS cells
FROM explaining WHERE provider IN (SELECT provider FROM providers)
GROUP BY provider
UNION ALL
SELECT 'model', model, share, CAST(first_day AS VARCHAR), cells
FROM explaining WHERE provider NOT IN (SELECT provider FROM providers)
ORDER BY kind DESC, subject;
