-- bedrock-meter, component "ledger", version 1, for PostgreSQL.
-- Applied at start by the library; or by hand, in one transaction, before the library starts.
-- With another table prefix, replace "bedrock_meter_" throughout.

CREATE TABLE IF NOT EXISTS bedrock_meter_schema (
  component  TEXT NOT NULL,
  version    INTEGER NOT NULL,
  applied_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (component, version)
);

-- One balance of one budget in one window. Amounts are whole requests, tokens or nano-dollars, as
-- "unit" says. account_id is derived from the name, so that every process finds the same row. The
-- row's lock guards its holds. The free space lets PostgreSQL update a row within its page.
CREATE TABLE bedrock_meter_account (
  account_id   UUID PRIMARY KEY,
  budget       TEXT NOT NULL,
  unit         TEXT NOT NULL,
  scope        TEXT NOT NULL,
  window_start TIMESTAMPTZ NOT NULL,
  window_end   TIMESTAMPTZ,              -- null: never ends
  idle_ms      BIGINT,                   -- null: only the window's end ends the account
  settled      BIGINT NOT NULL,
  held         BIGINT NOT NULL CHECK (held >= 0),
  expires_at   TIMESTAMPTZ               -- deleted some time after; null: never
) WITH (fillfactor = 50);

CREATE INDEX bedrock_meter_account_expires ON bedrock_meter_account (expires_at);

-- What one call has set aside in one account, until it is settled. Zero: released by an operator.
CREATE TABLE bedrock_meter_hold (
  account_id UUID NOT NULL REFERENCES bedrock_meter_account (account_id) ON DELETE CASCADE,
  call_id    TEXT NOT NULL,
  amount     BIGINT NOT NULL CHECK (amount >= 0),
  since      TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (account_id, call_id)
);

INSERT INTO bedrock_meter_schema (component, version) VALUES ('ledger', 1);
