-- bedrock-meter, component "journal", version 1, for PostgreSQL.
-- Applied at start by the library; or by hand, in one transaction, before the library starts.
-- With another table prefix, replace "bedrock_meter_" throughout.

CREATE TABLE IF NOT EXISTS bedrock_meter_schema (
  component  TEXT NOT NULL,
  version    INTEGER NOT NULL,
  applied_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (component, version)
);

-- One row for each call that ended. Dollars are exact. cost_usd is null where the cost is unknown,
-- and then unpriced_reason gives the reason and cost_at_least_usd is the part that is certain.
CREATE TABLE bedrock_meter_usage (
  call_id                     TEXT PRIMARY KEY,
  started_at                  TIMESTAMPTZ NOT NULL,
  elapsed_nanos               BIGINT NOT NULL,
  operation                   TEXT NOT NULL,
  requested_model             TEXT NOT NULL,  -- as the caller named it
  model_id                    TEXT NOT NULL,  -- as it was called
  answered_by                 TEXT,           -- as the answer names it
  region                      TEXT,
  tier                        TEXT NOT NULL,  -- as requested
  request_id                  TEXT,
  outcome                     TEXT NOT NULL,  -- COMPLETED, FAILED, CANCELLED, TRUNCATED
  error                       TEXT,           -- of a failed call: the exception's simple name
  status_code                 INTEGER,        -- of a failed call: HTTP status, 0 without an answer
  charge                      TEXT NOT NULL,  -- REPORTED, ESTIMATED, RELEASED
  input_tokens                BIGINT NOT NULL,
  output_tokens               BIGINT NOT NULL,
  cache_read_tokens           BIGINT NOT NULL,
  cache_write_tokens          BIGINT NOT NULL, -- of every lifetime
  total_tokens                BIGINT NOT NULL, -- of every kind
  source                      TEXT NOT NULL,   -- the least trusted source of any count
  cost_usd                    NUMERIC,
  cost_at_least_usd           NUMERIC NOT NULL,
  unpriced_reason             TEXT,
  price_book                  TEXT,
  estimated_total_tokens      BIGINT NOT NULL,  -- what was held
  bound_total_tokens          BIGINT NOT NULL,  -- what it could be at most
  estimated_cost_usd          NUMERIC,
  attempts                    INTEGER,         -- of the SDK; null: not counted
  attempts_unanswered         INTEGER,         -- that may have been billed, the last one apart
  stream_attempts             INTEGER,         -- null: the call does not stream
  stream_attempts_with_output INTEGER,
  abandoned_rule              TEXT,            -- what was charged for a stream without usage
  estimate                    TEXT NOT NULL,   -- JSON: counts by meter
  anomalies                   TEXT NOT NULL,   -- JSON: [{"kind": ..., "detail": ...}]
  amendments                  TEXT NOT NULL    -- JSON: how the call was changed to fit a budget
);

CREATE INDEX bedrock_meter_usage_started ON bedrock_meter_usage (started_at);
CREATE INDEX bedrock_meter_usage_request ON bedrock_meter_usage (request_id);

-- Every count above zero, with its price where it has one: usd = units * rate_usd / rate_per.
CREATE TABLE bedrock_meter_usage_line (
  call_id      TEXT NOT NULL REFERENCES bedrock_meter_usage (call_id) ON DELETE CASCADE,
  meter        TEXT NOT NULL,
  units        BIGINT NOT NULL,
  source       TEXT NOT NULL,
  usd          NUMERIC,
  rate_usd     NUMERIC,
  rate_per     BIGINT,
  rate_basis   TEXT,                           -- fallbacks taken, with commas; empty: exact
  rate_source  TEXT,
  PRIMARY KEY (call_id, meter)
);

CREATE TABLE bedrock_meter_usage_tag (
  call_id   TEXT NOT NULL REFERENCES bedrock_meter_usage (call_id) ON DELETE CASCADE,
  tag       TEXT NOT NULL,
  tag_value TEXT NOT NULL,
  PRIMARY KEY (call_id, tag)
);

CREATE INDEX bedrock_meter_usage_tag_value ON bedrock_meter_usage_tag (tag, tag_value);

-- What budgets reported: DENIED, SHADOW (a denial that was not enforced; rows of earlier versions
-- have OBSERVED instead, which means the same), THRESHOLD, SETTLEMENT_FAILED; and what was changed
-- about them: GRANTED, FROZEN, THAWED, ADJUSTED, MODE_CHANGED, ADDED, REDEFINED, REMOVED.
-- Amounts are whole requests, tokens or nano-dollars, as "unit" says.
CREATE TABLE bedrock_meter_budget_event (
  event_id      TEXT PRIMARY KEY,
  kind          TEXT NOT NULL,
  told_at       TIMESTAMPTZ NOT NULL,
  call_id       TEXT,
  budget        TEXT,
  scope         TEXT,
  unit          TEXT,
  requested     BIGINT,
  available     BIGINT,
  settled       BIGINT,
  limit_amount  BIGINT,
  share         NUMERIC,                       -- of the limit, 0.8 for 80 %
  change_amount BIGINT,                        -- what was granted, or added to settled
  detail        TEXT,
  reason        TEXT
);

CREATE INDEX bedrock_meter_budget_event_told ON bedrock_meter_budget_event (told_at);

INSERT INTO bedrock_meter_schema (component, version) VALUES ('journal', 1);
