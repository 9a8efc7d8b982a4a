-- bedrock-meter, component "journal", version 2, for PostgreSQL, on top of version 1.
-- Applied at start by the library; or by hand, in one transaction, before the library starts.
-- With another table prefix, replace "bedrock_meter_" throughout.

-- All columns that are added here are null in rows of version 1.
ALTER TABLE bedrock_meter_usage
  ADD COLUMN base_model        TEXT,    -- the model itself; null: hidden behind an ARN
  ADD COLUMN sent              TEXT,    -- SEEN, or INFERRED from how the call ended
  ADD COLUMN overhead_nanos    BIGINT,  -- of the meter, before the call was sent
  ADD COLUMN first_chunk_nanos BIGINT   -- of a stream: from sending to its first event
;

-- New kinds are CHARGED_WITHOUT_HOLD (the ledger had lost what it knew of a call, and charged it),
-- RELEASED (an operator gave a hold back), BYPASSED and BYPASS_ENDED (the emergency switch). A later
-- version may add others, such as EXHAUSTED.
ALTER TABLE bedrock_meter_budget_event RENAME COLUMN told_at TO happened_at;
ALTER INDEX bedrock_meter_budget_event_told RENAME TO bedrock_meter_budget_event_happened;
ALTER TABLE bedrock_meter_budget_event
  ADD COLUMN actor        TEXT,         -- who corrected a balance
  ADD COLUMN denial_kind  TEXT,         -- OVER_LIMIT, FROZEN, ...
  ADD COLUMN model_id     TEXT,         -- of the call
  ADD COLUMN window_start TIMESTAMPTZ,  -- of the balance
  ADD COLUMN window_end   TIMESTAMPTZ   -- of the balance; null where it never ends
;

-- The names of all tags that any call had.
CREATE TABLE bedrock_meter_tag_name (
  tag TEXT PRIMARY KEY
);
INSERT INTO bedrock_meter_tag_name (tag)
WITH RECURSIVE found (tag) AS (
  SELECT MIN(tag) FROM bedrock_meter_usage_tag
  UNION ALL
  SELECT (SELECT MIN(t.tag) FROM bedrock_meter_usage_tag t WHERE t.tag > found.tag)
  FROM found WHERE found.tag IS NOT NULL
)
SELECT tag FROM found WHERE tag IS NOT NULL;

-- Days are of UTC. at_least_usd is the sum of what is certain; unpriced calls may have cost more.
CREATE VIEW bedrock_meter_spend_by_day AS
SELECT CAST(started_at AT TIME ZONE 'UTC' AS DATE) AS spend_day,
       COALESCE(base_model, model_id) AS model,
       model_id,
       COUNT(*) AS calls,
       COUNT(*) - COUNT(cost_usd) AS unpriced_calls,
       SUM(input_tokens) AS input_tokens,
       SUM(output_tokens) AS output_tokens,
       SUM(cache_read_tokens) AS cache_read_tokens,
       SUM(cache_write_tokens) AS cache_write_tokens,
       SUM(cost_at_least_usd) AS at_least_usd
FROM bedrock_meter_usage
GROUP BY CAST(started_at AT TIME ZONE 'UTC' AS DATE), base_model, model_id;

-- Each call once for each tag name; '(none)' where the call has no such tag, so that the values of
-- one tag add up to everything that was spent.
CREATE VIEW bedrock_meter_usage_by_tag AS
SELECT n.tag, COALESCE(t.tag_value, '(none)') AS tag_value, u.*
FROM bedrock_meter_usage u
CROSS JOIN bedrock_meter_tag_name n
LEFT JOIN bedrock_meter_usage_tag t ON t.call_id = u.call_id AND t.tag = n.tag;

CREATE VIEW bedrock_meter_spend_by_tag AS
SELECT CAST(started_at AT TIME ZONE 'UTC' AS DATE) AS spend_day,
       tag,
       tag_value,
       COALESCE(base_model, model_id) AS model,
       model_id,
       COUNT(*) AS calls,
       COUNT(*) - COUNT(cost_usd) AS unpriced_calls,
       SUM(total_tokens) AS total_tokens,
       SUM(cost_at_least_usd) AS at_least_usd
FROM bedrock_meter_usage_by_tag
GROUP BY CAST(started_at AT TIME ZONE 'UTC' AS DATE), tag, tag_value, base_model, model_id;

CREATE VIEW bedrock_meter_denials_by_day AS
SELECT CAST(happened_at AT TIME ZONE 'UTC' AS DATE) AS denial_day,
       budget,
       scope,
       SUM(CASE WHEN kind = 'DENIED' THEN 1 ELSE 0 END) AS denied,
       SUM(CASE WHEN kind = 'DENIED' THEN 0 ELSE 1 END) AS shadow
FROM bedrock_meter_budget_event
WHERE kind IN ('DENIED', 'SHADOW', 'OBSERVED')
GROUP BY CAST(happened_at AT TIME ZONE 'UTC' AS DATE), budget, scope;

-- What was changed about budgets and balances, by whom and why.
CREATE VIEW bedrock_meter_budget_change AS
SELECT happened_at, kind, budget, scope, unit, change_amount, settled, call_id, detail, actor, reason
FROM bedrock_meter_budget_event
WHERE kind IN ('GRANTED', 'FROZEN', 'THAWED', 'ADJUSTED', 'RELEASED', 'MODE_CHANGED', 'ADDED',
               'REDEFINED', 'REMOVED', 'BYPASSED', 'BYPASS_ENDED');

INSERT INTO bedrock_meter_schema (component, version) VALUES ('journal', 2);
