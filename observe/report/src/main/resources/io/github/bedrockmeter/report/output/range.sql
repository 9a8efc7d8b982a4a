-- SPDX-License-Identifier: Apache-2.0
--
-- The first and the last time of any call or event, in microseconds since 1970; null where there is none.
SELECT epoch_us(min(time)) AS first_micros, epoch_us(max(time)) AS last_micros
FROM (SELECT time FROM calls UNION ALL SELECT time FROM budget_events);
