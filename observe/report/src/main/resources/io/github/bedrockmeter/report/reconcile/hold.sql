-- SPDX-License-Identifier: Apache-2.0
--
-- What the log says of the call whose id is the one parameter, over all its attempts. Sums are null
-- where one of them is unknown. "goes_on" is whether the log goes on for an hour after the last of
-- them: another attempt would be there.
SELECT count(*) AS records,
       count(*) FILTER (outcome = 'completed') AS completed,
       count(*) FILTER (outcome NOT IN ('completed', 'failed')) AS undecided,
       CASE WHEN count(total_tokens) = count(*) THEN sum(total_tokens) END AS total_tokens,
       CASE WHEN count(cost_usd) = count(*) THEN sum(cost_usd) END AS cost_usd,
       coalesce(max(time) < (SELECT max(time) FROM log_calls) - INTERVAL 1 HOUR, false) AS goes_on,
       max(request_id) AS request_id,
       max(unpriced_reason) AS unpriced_reason
FROM log_calls
WHERE delivery = 1 AND call_id = ?;
