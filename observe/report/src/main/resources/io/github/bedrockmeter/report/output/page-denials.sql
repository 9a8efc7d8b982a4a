-- SPDX-License-Identifier: Apache-2.0
--
-- Calls that were denied, and those that would have been, by budget, scope and kind of denial.
SELECT budget, scope, denial_kind,
       count(*) FILTER (kind = 'DENIED') AS denied,
       count(*) FILTER (kind <> 'DENIED') AS shadow,
       epoch_us(max(time)) AS last_micros
FROM budget_events
WHERE kind IN ('DENIED', 'SHADOW', 'OBSERVED')
  AND time >= (SELECT min(starts) FROM report_periods WHERE NOT earlier)
  AND time < (SELECT max(ends) FROM report_periods WHERE NOT earlier)
GROUP BY budget, scope, denial_kind
ORDER BY denied DESC, shadow DESC, budget, scope, denial_kind;
