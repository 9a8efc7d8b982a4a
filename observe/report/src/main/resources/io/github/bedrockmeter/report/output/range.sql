-- SPDX-License-Identifier: Apache-2.0
--
-- The first and the last time of any call, or of a budget's word on a call, in microseconds since 1970;
-- null where there is none. What was changed about a budget or a call later is no time of a report.
SELECT epoch_us(min(time)) AS first_micros, epoch_us(max(time)) AS last_micros
FROM (SELECT time FROM calls UNION ALL SELECT time FROM budget_events
      WHERE kind IN ('DENIED', 'SHADOW', 'OBSERVED', 'THRESHOLD'));
