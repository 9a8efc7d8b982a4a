-- SPDX-License-Identifier: Apache-2.0
--
-- Who calls without the meter: calls only AWS saw, by principal, application and model. The one
-- parameter is how many rows.
SELECT principal, application, model,
       count(*) AS calls,
       sum(aws_usd) AS aws_usd,
       count(*) - count(aws_usd) AS unpriced,
       min(time) AS first_time,
       max(time) AS last_time,
       CASE WHEN count(*) = count(*) FILTER (WHERE reason = 'no call of this principal is metered')
            THEN 'no call of this principal is metered' END AS reason
FROM differences
WHERE kind = 'unmetered'
GROUP BY principal, application, model
ORDER BY aws_usd DESC NULLS LAST, calls DESC, principal, application, model
LIMIT ?;
