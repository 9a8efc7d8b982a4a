-- SPDX-License-Identifier: Apache-2.0
--
-- Which record of AWS's log is which call of the meter. Before this, the table "period" has one row:
-- from_time (inclusive) and until_time (exclusive), either null.
--
-- This file and differences, summary, totals, judgement and skipped are also run by Spark: they make
-- tables by CREATE OR REPLACE TABLE and INSERT INTO alone, of what both engines have.

-- Records of the log. "delivery" is 1 for the first delivery of a request, 2 for a repeat, ...
CREATE OR REPLACE TABLE log_calls AS
SELECT call, file, line, request_id, call_id, time, account, region, principal, operation, model_id,
       model, profile, tier, outcome, error, input_tokens, output_tokens, cache_read_tokens,
       cache_write_tokens, total_tokens, cost_usd, cost_at_least_usd, unpriced_reason,
       coalesce(contains(anomalies, 'lifetime of cache writes'), false) AS lifetime_unknown,
       CASE WHEN request_id IS NULL THEN 1
            ELSE row_number() OVER (PARTITION BY request_id ORDER BY call) END AS delivery
FROM calls
WHERE source = 'log';

-- Calls of the meter. "turn" is above 1 for a call whose request id another call has too.
CREATE OR REPLACE TABLE journal_calls AS
SELECT call, request_id, call_id, time, account, region, principal, operation, model_id, model,
       profile, tier, outcome, error, charge, input_tokens, output_tokens, cache_read_tokens,
       cache_write_tokens, cost_usd, cost_at_least_usd, unpriced_reason,
       CASE WHEN request_id IS NULL THEN 1
            ELSE row_number() OVER (PARTITION BY request_id ORDER BY call) END AS turn
FROM calls
WHERE source = 'journal';

-- The period that is compared: as it was asked for, else the full hours that the log has.
CREATE OR REPLACE TABLE compared_period AS
SELECT coalesce(from_time, (SELECT date_trunc('hour', min(time)) FROM log_calls)) AS from_time,
       coalesce(until_time,
                (SELECT date_trunc('hour', max(time)) + INTERVAL 1 HOUR FROM log_calls)) AS until_time
FROM period;

-- By Bedrock's request id.
CREATE OR REPLACE TABLE pairs AS
SELECT l.call AS log_call, j.call AS journal_call, 'request id' AS joined_by
FROM log_calls l
JOIN journal_calls j ON j.request_id = l.request_id
WHERE l.delivery = 1 AND j.turn = 1;

-- By the call id that the meter stamped into the request's metadata, where the meter saw no answer
-- and so no request id. Of several attempts, the last one that did not fail.
INSERT INTO pairs
WITH lone_log AS (
  SELECT l.call, l.call_id, l.outcome, l.time
  FROM log_calls l
  ANTI JOIN pairs p ON p.log_call = l.call
  WHERE l.delivery = 1 AND l.call_id IS NOT NULL
),
lone_journal AS (
  SELECT j.call, j.call_id FROM journal_calls j ANTI JOIN pairs p ON p.journal_call = j.call
)
SELECT log_call, journal_call, 'call id'
FROM (SELECT l.call AS log_call, j.call AS journal_call,
             row_number() OVER (
               PARTITION BY j.call ORDER BY l.outcome = 'failed', l.time DESC, l.call) AS place
      FROM lone_log l
      JOIN lone_journal j ON j.call_id = l.call_id) candidates
WHERE place = 1;

-- Other attempts of a call that is matched: the SDK sent it more than once.
CREATE OR REPLACE TABLE attempts AS
SELECT l.call AS log_call, min(j.call) AS journal_call
FROM (SELECT l.call, l.call_id
      FROM log_calls l
      ANTI JOIN pairs p ON p.log_call = l.call
      WHERE l.delivery = 1 AND l.call_id IS NOT NULL) l
JOIN journal_calls j ON j.call_id = l.call_id
GROUP BY l.call;
