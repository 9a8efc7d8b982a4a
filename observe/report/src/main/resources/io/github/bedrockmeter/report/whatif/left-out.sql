-- SPDX-License-Identifier: Apache-2.0
--
-- Calls that are in no sum, with the reason.
SELECT coalesce(model, '') AS model, reason, count(*) AS calls, sum(before_usd) AS before_usd
FROM what_if_costs
WHERE reason IS NOT NULL
GROUP BY model, reason
ORDER BY calls DESC, model, reason;
