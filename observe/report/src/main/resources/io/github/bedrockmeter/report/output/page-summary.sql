-- SPDX-License-Identifier: Apache-2.0
--
-- What stands at the top of the page.
SELECT count(*) FILTER (NOT earlier) AS calls,
       coalesce(sum(cost_at_least_usd) FILTER (NOT earlier), 0) AS at_least_usd,
       count(*) FILTER (NOT earlier AND cost_usd IS NULL) AS unpriced_calls,
       coalesce(sum(total_tokens) FILTER (NOT earlier), 0) AS total_tokens,
       count(*) FILTER (NOT earlier AND total_tokens IS NULL) AS uncounted_calls,
       count(*) FILTER (NOT earlier AND outcome = 'failed') AS failed_calls,
       count(*) FILTER (NOT earlier AND charge = 'ESTIMATED') AS estimated_calls,
       count(*) FILTER (NOT earlier AND source = 'log') AS log_calls,
       count(*) FILTER (earlier) AS earlier_calls,
       coalesce(sum(cost_at_least_usd) FILTER (earlier), 0) AS earlier_at_least_usd,
       (SELECT count(*) FROM skipped) AS skipped
FROM report_calls;
