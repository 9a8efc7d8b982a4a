-- bedrock-meter, component "journal", version 2, for H2, on top of version 1. The PostgreSQL file
-- explains it.

ALTER TABLE bedrock_meter_usage ADD COLUMN IF NOT EXISTS base_model VARCHAR;
ALTER TABLE bedrock_meter_usage ADD COLUMN IF NOT EXISTS sent VARCHAR;
ALTER TABLE bedrock_meter_usage ADD COLUMN IF NOT EXISTS overhead_nanos BIGINT;
ALTER TABLE bedrock_meter_usage ADD COLUMN IF NOT EXISTS first_chunk_nanos BIGINT;

ALTER TABLE bedrock_meter_budget_event ALTER COLUMN IF EXISTS told_at RENAME TO happened_at;
ALTER INDEX IF EXISTS bedrock_meter_budget_event_told RENAME TO bedrock_meter_budget_event_happened;
ALTER TABLE bedrock_meter_budget_event ADD COLUMN IF NOT EXISTS actor VARCHAR;
ALTER TABLE bedrock_meter_budget_event ADD COLUMN IF NOT EXISTS denial_kind VARCHAR;
ALTER TABLE bedrock_meter_budget_event ADD COLUMN IF NOT EXISTS model_id VARCHAR;
ALTER TABLE bedrock_meter_budget_event ADD COLUMN IF NOT EXISTS window_start TIMESTAMP WITH TIME ZONE;
ALTER TABLE bedrock_meter_budget_event ADD COLUMN IF NOT EXISTS window_end TIMESTAMP WITH TIME ZONE;

CREATE TABLE IF NOT EXISTS bedrock_meter_tag_name (
  tag VARCHAR PRIMARY KEY
);
MERGE INTO bedrock_meter_tag_name (tag) KEY (tag)
SELECT DISTINCT tag FROM bedrock_meter_usage_tag;

CREATE OR REPLACE VIEW bedrock_meter_spend_by_day AS
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

CREATE OR REPLACE VIEW bedrock_meter_usage_by_tag AS
SELECT n.tag, COALESCE(t.tag_value, '(none)') AS tag_value, u.*
FROM bedrock_meter_usage u
CROSS JOIN bedrock_meter_tag_name n
LEFT JOIN bedrock_meter_usage_tag t ON t.call_id = u.call_id AND t.tag = n.tag;

CREATE OR REPLACE VIEW bedrock_meter_spend_by_tag AS
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

CREATE OR REPLACE VIEW bedrock_meter_denials_by_day AS
SELECT CAST(happened_at AT TIME ZONE 'UTC' AS DATE) AS denial_day,
       budget,
       scope,
       SUM(CASE WHEN kind = 'DENIED' THEN 1 ELSE 0 END) AS denied,
       SUM(CASE WHEN kind = 'DENIED' THEN 0 ELSE 1 END) AS shadow
FROM bedrock_meter_budget_event
WHERE kind IN ('DENIED', 'SHADOW', 'OBSERVED')
GROUP BY CAST(happened_at AT TIME ZONE 'UTC' AS DATE), budget, scope;

CREATE OR REPLACE VIEW bedrock_meter_budget_change AS
SELECT happened_at, kind, budget, scope, unit, change_amount, settled, call_id, detail, actor, reason
FROM bedrock_meter_budget_event
WHERE kind IN ('GRANTED', 'FROZEN', 'THAWED', 'ADJUSTED', 'RELEASED', 'MODE_CHANGED', 'ADDED',
               'REDEFINED', 'REMOVED', 'BYPASSED', 'BYPASS_ENDED');

INSERT INTO bedrock_meter_schema (component, version) VALUES ('journal', 2);
