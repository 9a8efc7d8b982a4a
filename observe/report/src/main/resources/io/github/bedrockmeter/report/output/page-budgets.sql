-- SPDX-License-Identifier: Apache-2.0
--
-- What the journal last knew of each balance in each window. A warning states the limit and what was
-- settled; a denial what was available, from which follows what was settled and held. The journal
-- has no other events of a budget: between them more may have been used. Amounts are whole requests,
-- tokens or nano-dollars, as "unit" says; the share used is in tenths of a per cent.
WITH windows AS (
  SELECT DISTINCT budget, scope, unit, window_start, window_end
  FROM budget_events
  WHERE window_start IS NOT NULL
),
-- A denial does not state its window: it is the one in which it happened.
placed AS (
  SELECT e.budget, e.scope, e.unit, e.time, e.kind, e.settled, e.available, e.limit_amount,
         coalesce(e.window_start, w.window_start) AS window_start,
         coalesce(e.window_end, w.window_end) AS window_end
  FROM budget_events e
  LEFT JOIN windows w
    ON e.window_start IS NULL AND w.budget = e.budget AND w.scope IS NOT DISTINCT FROM e.scope
    AND w.unit IS NOT DISTINCT FROM e.unit AND e.time >= w.window_start
    AND (w.window_end IS NULL OR e.time < w.window_end)
),
events AS (
  SELECT budget, scope, unit, window_start, window_end, time, kind, settled, available,
         max(limit_amount) OVER (PARTITION BY budget, scope, unit, window_start, window_end) AS known_limit,
         limit_amount
  FROM placed
  WHERE budget IS NOT NULL AND kind IN ('THRESHOLD', 'DENIED')
    AND time >= (SELECT min(starts) FROM report_periods WHERE NOT earlier)
    AND time < (SELECT max(ends) FROM report_periods WHERE NOT earlier)
),
known AS (
  SELECT budget, scope, unit, window_start, window_end,
         arg_max(coalesce(limit_amount, known_limit), time) AS limit_amount,
         max(coalesce(settled, known_limit - available)) AS used,
         epoch_us(max(time)) AS last_micros,
         count(*) FILTER (kind = 'THRESHOLD') AS warnings,
         count(*) FILTER (kind = 'DENIED') AS denied
  FROM events
  GROUP BY budget, scope, unit, window_start, window_end
)
SELECT *, (used::HUGEINT * 1000 // greatest(limit_amount, 1))::BIGINT AS used_permille
FROM known
WHERE limit_amount IS NOT NULL AND used IS NOT NULL
ORDER BY used_permille DESC, budget, scope, window_start
LIMIT 50;
