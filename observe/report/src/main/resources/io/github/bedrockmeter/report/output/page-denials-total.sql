-- SPDX-License-Identifier: Apache-2.0
--
-- How many calls were denied, and how many would have been.
SELECT count(*) FILTER (kind = 'DENIED') AS denied, count(*) FILTER (kind <> 'DENIED') AS shadow
FROM budget_events
WHERE kind IN ('DENIED', 'SHADOW', 'OBSERVED')
  AND time >= (SELECT min(starts) FROM report_periods WHERE NOT earlier)
  AND time < (SELECT max(ends) FROM report_periods WHERE NOT earlier);
