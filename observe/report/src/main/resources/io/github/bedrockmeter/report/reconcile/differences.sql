-- SPDX-License-Identifier: Apache-2.0
--
-- Each difference between AWS's log and the meter, once. Runs after match.sql.
--
-- kind         what differs:
--   unmetered  only AWS saw the call
--   unlogged   only the meter saw the call
--   tokens     both saw it, with other token counts
--   tier       both saw it, with the same counts in another tier
--   region     ... in another source region
--   cost       ... the same in all of these, at another cost
--   attempt    AWS counted an attempt besides the one that the meter counted
--   unknown    both saw it, and the log does not state what it used
--   duplicate  the log delivered a record again; it is counted once
--   torn       a record that is cut off
-- ours_usd, aws_usd  what the meter and what the log's counts say; null: not seen, or unknown
-- difference_usd     what AWS's log has more; null: unknown, and "reason" says why
-- reason             why a difference is there, or why its dollars are unknown, as far as is known
CREATE OR REPLACE TABLE differences (
  kind            VARCHAR NOT NULL,
  log_call        BIGINT,
  journal_call    BIGINT,
  request_id      VARCHAR,
  call_id         VARCHAR,
  time            TIMESTAMP,
  account         VARCHAR,
  region          VARCHAR,
  principal       VARCHAR,
  application     VARCHAR,
  model           VARCHAR,
  ours            VARCHAR,
  theirs          VARCHAR,
  ours_usd        DECIMAL(38,18),
  aws_usd         DECIMAL(38,18),
  difference_usd  DECIMAL(38,18),
  reason          VARCHAR,
  file            VARCHAR,
  line            BIGINT
);

-- Only AWS saw it.
INSERT INTO differences
SELECT 'unmetered', l.call, NULL, l.request_id, l.call_id, l.time, l.account, l.region, l.principal,
       NULL, coalesce(l.model, l.model_id), NULL, NULL, NULL, l.cost_usd, l.cost_usd,
       CASE WHEN l.cost_usd IS NULL THEN l.unpriced_reason
            WHEN l.principal IS NOT NULL AND m.principal IS NULL
            THEN 'no call of this principal is metered' END,
       l.file, l.line
FROM log_calls l
ANTI JOIN pairs p ON p.log_call = l.call
ANTI JOIN attempts a ON a.log_call = l.call
LEFT JOIN (SELECT DISTINCT l.principal
           FROM log_calls l JOIN pairs p ON p.log_call = l.call) m ON m.principal = l.principal
CROSS JOIN compared_period d
WHERE l.delivery = 1
  AND l.time >= d.from_time AND l.time < d.until_time;

-- Only the meter saw it. Bedrock logs four operations; what was released was not sent, or refused;
-- and of a record that is cut off, the call is there.
INSERT INTO differences
SELECT 'unlogged', NULL, j.call, j.request_id, j.call_id, j.time, j.account, j.region, NULL, NULL,
       coalesce(j.model, j.model_id), NULL, NULL, j.cost_usd, NULL, -j.cost_usd,
       CASE WHEN j.cost_usd IS NULL THEN j.unpriced_reason
            WHEN r.region IS NULL THEN 'the log has no record of this region'
            WHEN j.charge = 'ESTIMATED' THEN 'the meter saw no answer and charged its estimate' END,
       NULL, NULL
FROM journal_calls j
ANTI JOIN pairs p ON p.journal_call = j.call
ANTI JOIN (SELECT request_id FROM skipped WHERE request_id IS NOT NULL) s
       ON s.request_id = j.request_id
LEFT JOIN (SELECT DISTINCT region FROM log_calls) r ON r.region = j.region
CROSS JOIN compared_period d
WHERE j.operation IN ('Converse', 'ConverseStream', 'InvokeModel', 'InvokeModelWithResponseStream')
  AND j.charge <> 'RELEASED'
  AND j.time >= d.from_time AND j.time < d.until_time;

-- Both saw it, and do not agree. A tier that the log does not show is not compared, nor is a cost
-- that rests on it, or on a lifetime of cache writes that the log does not show. A cost that only one
-- of them knows is a difference of unknown size.
INSERT INTO differences
WITH both_saw AS (
  SELECT p.log_call, p.journal_call, l.request_id, coalesce(l.call_id, j.call_id) AS call_id,
         l.time, l.account, l.region, l.principal, coalesce(l.model, l.model_id) AS model,
         l.file, l.line, l.cost_usd AS aws_usd, j.cost_usd AS ours_usd, l.unpriced_reason,
         j.unpriced_reason AS ours_unpriced_reason, j.charge, j.region AS our_region,
         l.tier, j.tier AS our_tier,
         l.input_tokens IS NULL OR l.output_tokens IS NULL AS uncounted,
         coalesce(l.input_tokens <> j.input_tokens, false)
           OR coalesce(l.output_tokens <> j.output_tokens, false)
           OR coalesce(l.cache_read_tokens <> j.cache_read_tokens, false)
           OR coalesce(l.cache_write_tokens <> j.cache_write_tokens, false) AS other_tokens,
         coalesce(l.tier <> j.tier, false) AS other_tier,
         coalesce(l.region <> j.region, false) AS other_region,
         l.cost_usd IS DISTINCT FROM j.cost_usd
           AND (l.cost_usd IS NULL OR j.cost_usd IS NULL
                OR NOT l.lifetime_unknown AND (l.tier IS NOT NULL OR j.tier = 'standard')) AS other_cost,
         concat_ws('/', j.input_tokens, j.output_tokens, j.cache_read_tokens, j.cache_write_tokens)
           AS our_tokens,
         concat_ws('/', l.input_tokens, l.output_tokens, l.cache_read_tokens, l.cache_write_tokens)
           AS their_tokens
  FROM pairs p
  JOIN log_calls l ON l.call = p.log_call
  JOIN journal_calls j ON j.call = p.journal_call
  CROSS JOIN compared_period d
  WHERE l.time >= d.from_time AND l.time < d.until_time
),
judged AS (
  SELECT *,
         CASE WHEN other_tokens THEN 'tokens'
              WHEN uncounted THEN 'unknown'
              WHEN other_tier THEN 'tier'
              WHEN other_region THEN 'region'
              WHEN other_cost THEN 'cost' END AS kind
  FROM both_saw
)
SELECT kind, log_call, journal_call, request_id, call_id, time, account, region, principal, NULL, model,
       CASE kind WHEN 'tokens' THEN our_tokens WHEN 'unknown' THEN our_tokens WHEN 'tier' THEN our_tier
                 WHEN 'region' THEN our_region END,
       CASE kind WHEN 'tokens' THEN their_tokens WHEN 'tier' THEN tier WHEN 'region' THEN region END,
       ours_usd, aws_usd, aws_usd - ours_usd,
       CASE WHEN aws_usd IS NULL THEN unpriced_reason
            WHEN ours_usd IS NULL THEN ours_unpriced_reason
            WHEN charge = 'ESTIMATED' THEN 'the meter saw no usage and charged its estimate' END,
       file, line
FROM judged
WHERE kind IS NOT NULL;

-- Attempts besides the one that the meter counted. One that failed and cost nothing is no difference.
INSERT INTO differences
SELECT 'attempt', l.call, a.journal_call, l.request_id, l.call_id, l.time, l.account, l.region,
       l.principal, NULL, coalesce(l.model, l.model_id), NULL, NULL, NULL, l.cost_usd, l.cost_usd,
       coalesce(l.unpriced_reason, 'the SDK sent the call more than once'), l.file, l.line
FROM attempts a
JOIN log_calls l ON l.call = a.log_call
CROSS JOIN compared_period d
WHERE l.cost_usd IS DISTINCT FROM 0
  AND l.time >= d.from_time AND l.time < d.until_time;

-- Repeats. What counting them again would have added.
INSERT INTO differences
SELECT 'duplicate', l.call, NULL, l.request_id, l.call_id, l.time, l.account, l.region, l.principal,
       NULL, coalesce(l.model, l.model_id), NULL, NULL, NULL, l.cost_usd, l.cost_usd,
       l.unpriced_reason, l.file, l.line
FROM log_calls l
CROSS JOIN compared_period d
WHERE l.delivery > 1
  AND l.time >= d.from_time AND l.time < d.until_time;

-- Records that are cut off. Their request id mostly stands before the cut.
INSERT INTO differences
SELECT 'torn', NULL, j.call, s.request_id, j.call_id, j.time, j.account, j.region, NULL, NULL,
       coalesce(j.model, j.model_id), NULL, NULL, j.cost_usd, NULL, NULL,
       CASE WHEN j.call IS NULL THEN 'the record is cut off'
            ELSE 'the record is cut off; the meter has its call' END,
       s.file, s.line
FROM skipped s
LEFT JOIN journal_calls j ON j.request_id = s.request_id AND j.turn = 1
WHERE s.reason = 'torn line'
  AND NOT EXISTS (SELECT 1 FROM log_calls l WHERE l.request_id = s.request_id);

-- The application, where a tag or a profile names it.
CREATE OR REPLACE TABLE differences AS
SELECT d.kind, d.log_call, d.journal_call, d.request_id, d.call_id, d.time, d.account, d.region,
       d.principal, named.application, d.model, d.ours, d.theirs, d.ours_usd, d.aws_usd,
       d.difference_usd, d.reason, d.file, d.line
FROM differences d
LEFT JOIN (
  SELECT c.call, coalesce(min(t.value), max(c.profile)) AS application
  FROM calls c
  LEFT JOIN tags t ON t.call = c.call AND lower(t.name) IN ('applicationid', 'application', 'app')
  WHERE c.call IN (SELECT coalesce(log_call, journal_call) FROM differences)
  GROUP BY c.call
) named ON named.call = coalesce(d.log_call, d.journal_call);
