-- bedrock-meter, component "ledger", version 1, for H2. The PostgreSQL file explains the columns.

CREATE TABLE IF NOT EXISTS bedrock_meter_schema (
  component  VARCHAR NOT NULL,
  version    INTEGER NOT NULL,
  applied_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
  PRIMARY KEY (component, version)
);

CREATE TABLE IF NOT EXISTS bedrock_meter_account (
  account_id   UUID PRIMARY KEY,
  budget       VARCHAR NOT NULL,
  unit         VARCHAR NOT NULL,
  scope        VARCHAR NOT NULL,
  window_start TIMESTAMP WITH TIME ZONE NOT NULL,
  window_end   TIMESTAMP WITH TIME ZONE,
  idle_ms      BIGINT,
  settled      BIGINT NOT NULL,
  held         BIGINT NOT NULL CHECK (held >= 0),
  expires_at   TIMESTAMP WITH TIME ZONE
);

CREATE INDEX IF NOT EXISTS bedrock_meter_account_expires ON bedrock_meter_account (expires_at);

CREATE TABLE IF NOT EXISTS bedrock_meter_hold (
  account_id UUID NOT NULL REFERENCES bedrock_meter_account (account_id) ON DELETE CASCADE,
  call_id    VARCHAR NOT NULL,
  amount     BIGINT NOT NULL CHECK (amount >= 0),
  since      TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (account_id, call_id)
);

INSERT INTO bedrock_meter_schema (component, version) VALUES ('ledger', 1);
