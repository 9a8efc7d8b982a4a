-- bedrock-meter, component "ledger", version 2, for H2. The PostgreSQL file explains the columns.
-- H2 names a foreign key itself.

EXECUTE IMMEDIATE 'ALTER TABLE bedrock_meter_hold DROP CONSTRAINT IF EXISTS "' || COALESCE(
  (SELECT MAX(constraint_name) FROM information_schema.table_constraints
   WHERE constraint_type = 'FOREIGN KEY' AND table_schema = CURRENT_SCHEMA
   AND LOWER(table_name) = 'bedrock_meter_hold'), 'none') || '"';

CREATE TABLE IF NOT EXISTS bedrock_meter_settled (
  hold_id    UUID PRIMARY KEY,
  settled_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS bedrock_meter_correction (
  correction_id  UUID PRIMARY KEY,
  corrected_at   TIMESTAMP WITH TIME ZONE NOT NULL,
  what           VARCHAR NOT NULL,
  made_by        VARCHAR,
  reason         VARCHAR,
  account_id     UUID NOT NULL,
  budget         VARCHAR NOT NULL,
  unit           VARCHAR NOT NULL,
  scope          VARCHAR NOT NULL,
  window_start   TIMESTAMP WITH TIME ZONE NOT NULL,
  window_end     TIMESTAMP WITH TIME ZONE,
  call_id        VARCHAR,
  settled_before BIGINT NOT NULL,
  settled_after  BIGINT NOT NULL,
  held_before    BIGINT NOT NULL,
  held_after     BIGINT NOT NULL
);

INSERT INTO bedrock_meter_schema (component, version) VALUES ('ledger', 2);
