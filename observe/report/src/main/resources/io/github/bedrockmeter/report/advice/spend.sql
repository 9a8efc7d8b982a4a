-- SPDX-License-Identifier: Apache-2.0
--
-- What each value of a tag spent on each day that it called, UTC, and in all. Calls without the tag
-- have the value ''. Spend is at least this: unpriced calls have their certain part.
-- Parameters: the tag, from, to.
CREATE TABLE advice_days AS
SELECT coalesce(t.value, '') AS value, CAST(c.time AS DATE) AS day,
       sum(c.cost_at_least_usd) AS usd, count(*) AS calls,
       count(*) FILTER (WHERE c.cost_usd IS NULL) AS unpriced
FROM counted_calls c
LEFT JOIN tags t ON t.call = c.call AND t.name = ?
WHERE c.time >= ? AND c.time < ?
GROUP BY ALL;
