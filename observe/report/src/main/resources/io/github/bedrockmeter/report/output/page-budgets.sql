-- SPDX-License-Identifier: Apache-2.0
--
-- What the journal last knew of each balance in each window. A warning states the limit and what was
-- settled; a denial what was available, from which follows what was settled and held. The journal
-- has no other events of a budget: between them more may have been used. Amounts are whole requests,
-- tokens or nano-dollars, as "unit" says; the share used is in tenths of a per cent.
WITH events AS (
  SELECT budget, scope, unit, window_start, window_end, time, kind, settled, available,
         max(limit_amount) OVER (PARTITION BY budget, scope, unit, window_start, window_end) AS known_limit,
         limit_amount
  FROM budget_events
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
