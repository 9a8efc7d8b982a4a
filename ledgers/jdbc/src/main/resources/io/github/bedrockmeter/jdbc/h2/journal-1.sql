-- bedrock-meter, component "journal", version 1, for H2. The PostgreSQL file explains the columns.
-- New tables have the columns of version 2 too, since H2 adds a column by copying the table, and a
-- process that is killed meanwhile leaves two.

CREATE TABLE IF NOT EXISTS bedrock_meter_schema (
  component  VARCHAR NOT NULL,
  version    INTEGER NOT NULL,
  applied_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
  PRIMARY KEY (component, version)
);

CREATE TABLE IF NOT EXISTS bedrock_meter_usage (
  call_id                     VARCHAR PRIMARY KEY,
  started_at                  TIMESTAMP WITH TIME ZONE NOT NULL,
  elapsed_nanos               BIGINT NOT NULL,
  operation                   VARCHAR NOT NULL,
  requested_model             VARCHAR NOT NULL,
  model_id                    VARCHAR NOT NULL,
  answered_by                 VARCHAR,
  region                      VARCHAR,
  tier                        VARCHAR NOT NULL,
  request_id                  VARCHAR,
  outcome                     VARCHAR NOT NULL,
  error                       VARCHAR,
  status_code                 INTEGER,
  charge                      VARCHAR NOT NULL,
  input_tokens                BIGINT NOT NULL,
  output_tokens               BIGINT NOT NULL,
  cache_read_tokens           BIGINT NOT NULL,
  cache_write_tokens          BIGINT NOT NULL,
  total_tokens                BIGINT NOT NULL,
  source                      VARCHAR NOT NULL,
  cost_usd                    DECFLOAT,
  cost_at_least_usd           DECFLOAT NOT NULL,
  unpriced_reason             VARCHAR,
  price_book                  VARCHAR,
  estimated_total_tokens      BIGINT NOT NULL,
  bound_total_tokens          BIGINT NOT NULL,
  estimated_cost_usd          DECFLOAT,
  attempts                    INTEGER,
  attempts_unanswered         INTEGER,
  stream_attempts             INTEGER,
  stream_attempts_with_output INTEGER,
  abandoned_rule              VARCHAR,
  estimate                    VARCHAR NOT NULL,
  anomalies                   VARCHAR NOT NULL,
  amendments                  VARCHAR NOT NULL,
  base_model                  VARCHAR,
  sent                        VARCHAR,
  overhead_nanos              BIGINT,
  first_chunk_nanos           BIGINT
);

CREATE INDEX IF NOT EXISTS bedrock_meter_usage_started ON bedrock_meter_usage (started_at);
CREATE INDEX IF NOT EXISTS bedrock_meter_usage_request ON bedrock_meter_usage (request_id);

CREATE TABLE IF NOT EXISTS bedrock_meter_usage_line (
  call_id      VARCHAR NOT NULL REFERENCES bedrock_meter_usage (call_id) ON DELETE CASCADE,
  meter        VARCHAR NOT NULL,
  units        BIGINT NOT NULL,
  source       VARCHAR NOT NULL,
  usd          DECFLOAT,
  rate_usd     DECFLOAT,
  rate_per     BIGINT,
  rate_basis   VARCHAR,
  rate_source  VARCHAR,
  PRIMARY KEY (call_id, meter)
);

CREATE TABLE IF NOT EXISTS bedrock_meter_usage_tag (
  call_id   VARCHAR NOT NULL REFERENCES bedrock_meter_usage (call_id) ON DELETE CASCADE,
  tag       VARCHAR NOT NULL,
  tag_value VARCHAR NOT NULL,
  PRIMARY KEY (call_id, tag)
);

CREATE INDEX IF NOT EXISTS bedrock_meter_usage_tag_value ON bedrock_meter_usage_tag (tag, tag_value);

CREATE TABLE IF NOT EXISTS bedrock_meter_budget_event (
  event_id      VARCHAR PRIMARY KEY,
  kind          VARCHAR NOT NULL,
  happened_at   TIMESTAMP WITH TIME ZONE NOT NULL,
  call_id       VARCHAR,
  budget        VARCHAR,
  scope         VARCHAR,
  unit          VARCHAR,
  requested     BIGINT,
  available     BIGINT,
  settled       BIGINT,
  limit_amount  BIGINT,
  share         DECFLOAT,
  change_amount BIGINT,
  detail        VARCHAR,
  reason        VARCHAR,
  actor         VARCHAR,
  denial_kind   VARCHAR,
  model_id      VARCHAR,
  window_start  TIMESTAMP WITH TIME ZONE,
  window_end    TIMESTAMP WITH TIME ZONE
);

CREATE INDEX IF NOT EXISTS bedrock_meter_budget_event_happened
  ON bedrock_meter_budget_event (happened_at);

INSERT INTO bedrock_meter_schema (component, version) VALUES ('journal', 1);
