-- bedrock-meter, component "ledger", version 2, for PostgreSQL 12 or newer.
-- Applied at start by the library; or by hand, in one transaction, before the library starts. The
-- role of the application needs SELECT, INSERT, UPDATE and DELETE on the new tables too.
-- Processes of version 1 that still run go on with these tables, and lose nothing.
-- With another table prefix, replace "bedrock_meter_" throughout.

-- The library deletes the holds of an account itself; a check of each hold cost more than it.
ALTER TABLE bedrock_meter_hold DROP CONSTRAINT IF EXISTS bedrock_meter_hold_account_id_fkey;

-- That a hold was settled, for six minutes: a settlement that is repeated finds this, and one that
-- finds neither its hold nor this knows that the hold was lost. hold_id is derived from the account
-- and the call.
CREATE TABLE bedrock_meter_settled (
  hold_id    UUID PRIMARY KEY,
  settled_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX bedrock_meter_settled_at ON bedrock_meter_settled (settled_at);

-- What was corrected by hand, in the transaction of the correction. Never deleted by the library.
CREATE TABLE bedrock_meter_correction (
  correction_id  UUID PRIMARY KEY,
  corrected_at   TIMESTAMPTZ NOT NULL,   -- by the database's clock
  what           TEXT NOT NULL,          -- ADJUST: what was charged; RELEASE: what a call held
  made_by        TEXT,                   -- null: unknown
  reason         TEXT,                   -- null: unknown
  account_id     UUID NOT NULL,
  budget         TEXT NOT NULL,
  unit           TEXT NOT NULL,
  scope          TEXT NOT NULL,
  window_start   TIMESTAMPTZ NOT NULL,
  window_end     TIMESTAMPTZ,            -- null: never ends
  call_id        TEXT,                   -- whose hold was released
  settled_before BIGINT NOT NULL,
  settled_after  BIGINT NOT NULL,
  held_before    BIGINT NOT NULL,
  held_after     BIGINT NOT NULL
);

CREATE INDEX bedrock_meter_correction_at ON bedrock_meter_correction (corrected_at);

INSERT INTO bedrock_meter_schema (component, version) VALUES ('ledger', 2);
