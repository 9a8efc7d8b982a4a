-- SPDX-License-Identifier: Apache-2.0
--
-- The fact tables of bedrock-meter-report: one shape for every source. Each report and each
-- reconciliation is SQL over these tables, and this file is their documentation.
--
-- Sources: 'journal' is the usage journal that the meter writes; 'log' is Bedrock's model
-- invocation log. "journal:" and "log:" below say where a column comes from in each; "null" says
-- when it is unknown. Unknown is null and never zero.
--
-- Times are UTC, in microseconds. Dollars are US dollars, exact, with 18 decimals: what does not
-- fit is an error, never rounded. Names are in lower case where the column says so.

-- One row for each call. What a log delivered twice is there twice; the view "counted_calls"
-- leaves out repeats. Texts that many calls share are kept once: "call_texts" has the texts, each
-- combination once or a few times, and "call_rows" the rest of a call. Ask "calls".
CREATE TABLE call_texts (
  texts               BIGINT    NOT NULL,  -- number of the combination
  source              VARCHAR   NOT NULL,
  file                VARCHAR,
  account             VARCHAR,
  region              VARCHAR,
  inference_region    VARCHAR,
  principal           VARCHAR,
  operation           VARCHAR,
  requested_model     VARCHAR,
  model_id            VARCHAR,
  model               VARCHAR,
  geography           VARCHAR,
  profile             VARCHAR,
  answered_by         VARCHAR,
  tier                VARCHAR,
  outcome             VARCHAR   NOT NULL,
  error               VARCHAR,
  status_code         INTEGER,
  sent                VARCHAR,
  charge              VARCHAR,
  attempts            INTEGER,
  usage_source        VARCHAR,
  unpriced_reason     VARCHAR,
  price_book          VARCHAR,
  anomalies           VARCHAR
);

CREATE TABLE call_rows (
  call                BIGINT    NOT NULL,
  texts               BIGINT    NOT NULL,  -- call_texts.texts
  line                BIGINT,
  request_id          VARCHAR,
  call_id             VARCHAR,
  time                TIMESTAMP NOT NULL,
  elapsed_nanos       BIGINT,
  first_chunk_nanos   BIGINT,
  input_tokens        BIGINT,
  output_tokens       BIGINT,
  cache_read_tokens   BIGINT,
  cache_write_tokens  BIGINT,
  total_tokens        BIGINT,
  cost_usd            DECIMAL(38,18),
  certain_usd         DECIMAL(38,18),      -- the part that is certain; null: the whole cost
  estimated_tokens    BIGINT,
  bound_tokens        BIGINT,
  estimated_usd       DECIMAL(38,18)
);

CREATE VIEW calls AS
SELECT r.call,               -- BIGINT: number of the row in this database, joins the tables; a later file has higher ones
       t.source,             -- 'journal' or 'log'
       t.file,               -- log: the file, as given; journal: null
       r.line,               -- BIGINT; log: line of the file, from 1 (in an envelope: its line); journal: null
       r.request_id,         -- Bedrock's id; journal: null where no answer came
       r.call_id,            -- the meter's id; log: as stamped into its metadata, else null
       r.time,               -- TIMESTAMP; journal: when the call started; log: its timestamp
       t.account,            -- AWS account, 12 digits; log: accountId; journal: null
       t.region,             -- source region, which sets the price
       t.inference_region,   -- log: where it ran, for a cross-region profile; journal: null
       t.principal,          -- log: identity.arn; journal: null
       t.operation,          -- as AWS writes it: Converse, InvokeModel, ...
       t.requested_model,    -- journal: as the caller named it; log: the same as model_id
       t.model_id,           -- as it was called: a model id, a profile's id, an ARN
       t.model,              -- the foundation model's own id; null where an ARN hides it
       t.geography,          -- of a cross-region profile: us, eu, apac, global, ...; null: one region
       t.profile,            -- ARN of an application inference profile; null: none
       t.answered_by,        -- the model that the answer names; null: it names none
       t.tier,               -- standard, flex, priority, latency, ...; journal: as requested; log: as served; null: the log does not show it, priced as standard
       t.outcome,            -- completed, failed, cancelled, truncated; log: completed, failed, unknown; never null
       t.error,              -- of a failed call; journal: exception's simple name; log: errorCode
       t.status_code,        -- INTEGER; journal: of a failed call, HTTP status, 0 without an answer
       r.elapsed_nanos,      -- BIGINT, nanoseconds; journal: until the call ended; log: as the answer's body states it
       r.first_chunk_nanos,  -- BIGINT; journal: until the first chunk of a stream, in nanoseconds
       t.sent,               -- journal: SEEN or INFERRED; null: not recorded; log: SEEN
       t.charge,             -- journal: REPORTED, ESTIMATED, RELEASED; log: null
       t.usage_source,       -- the least trusted source of any count: BODY, HEADERS, ...; null: no counts
       r.input_tokens,       -- BIGINT: uncached prompt tokens; null: not reported
       r.output_tokens,      -- BIGINT: generated tokens; null: not reported; 0 for embeddings
       r.cache_read_tokens,  -- BIGINT: prompt tokens read from the cache; 0 where the others are known and it is not stated; null: no counts
       r.cache_write_tokens, -- BIGINT: prompt tokens written to the cache, every lifetime; as above
       r.total_tokens,       -- BIGINT: tokens of every kind; null: not reported
       r.cost_usd,           -- DECIMAL(38,18); null: unknown, see unpriced_reason
       coalesce(r.certain_usd, r.cost_usd)
         AS cost_at_least_usd, -- DECIMAL(38,18): the part that is certain; the whole cost where it is known; never null
       t.unpriced_reason,    -- why the cost is unknown; null where it is known
       t.price_book,         -- the version or name of the prices; null where the cost is unknown
       r.estimated_tokens,   -- BIGINT; journal: what was held before the call
       r.bound_tokens,       -- BIGINT; journal: what it could be at most
       r.estimated_usd,      -- DECIMAL(38,18); journal: the estimate's cost; null: unknown; log: null
       t.attempts,           -- INTEGER; journal: attempts of the SDK; null: not counted
       t.anomalies           -- JSON [{"kind": ..., "detail": ...}]; null: none
FROM call_rows r
JOIN call_texts t ON t.texts = r.texts;

-- Every count above zero of a call, with its price where it has one: usd = units * rate_usd / rate_per.
CREATE TABLE charge_texts (
  texts        BIGINT  NOT NULL,  -- number of the combination
  meter        VARCHAR NOT NULL,
  source       VARCHAR,
  rate_usd     DECIMAL(38,18),
  rate_per     BIGINT,
  rate_basis   VARCHAR,
  rate_source  VARCHAR
);

CREATE TABLE charge_rows (
  call         BIGINT  NOT NULL,
  texts        BIGINT  NOT NULL,  -- charge_texts.texts
  units        BIGINT  NOT NULL,
  usd          DECIMAL(38,18)
);

CREATE VIEW charges AS
SELECT r.call,         -- calls.call
       t.meter,        -- input, output, cacheRead, cacheWrite.5m, outputImages[...], ...; never null
       r.units,        -- BIGINT: whole units of the meter: a token, an image, a second; never null
       t.source,       -- where the count comes from: BODY, HEADERS, ..., ESTIMATED
       r.usd,          -- DECIMAL(38,18); null: not priced
       t.rate_usd,     -- DECIMAL(38,18): US dollars for rate_per units
       t.rate_per,     -- BIGINT: units
       t.rate_basis,   -- fallbacks taken, with commas; empty: the exact row
       t.rate_source   -- the source of the price, as the price book names it
FROM charge_rows r
JOIN charge_texts t ON t.texts = r.texts;

-- Tags of a call. Journal: the call's tags; log: its requestMetadata, without the stamped call id.
CREATE TABLE tag_texts (
  texts  BIGINT  NOT NULL,  -- number of some tags that calls have together
  name   VARCHAR NOT NULL,
  value  VARCHAR NOT NULL
);

CREATE TABLE tag_rows (
  call   BIGINT  NOT NULL,
  texts  BIGINT  NOT NULL   -- tag_texts.texts
);

CREATE VIEW tags AS
SELECT r.call,   -- calls.call
       t.name,
       t.value
FROM tag_rows r
JOIN tag_texts t ON t.texts = r.texts;

-- What budgets reported, and what was changed about them. Journal only. Amounts are whole
-- requests, tokens or nano-dollars (1e-9 USD), as "unit" says.
CREATE TABLE budget_events (
  event_id       VARCHAR   NOT NULL,
  kind           VARCHAR   NOT NULL,  -- DENIED, SHADOW, THRESHOLD, SETTLEMENT_FAILED, GRANTED, ...
  time           TIMESTAMP NOT NULL,
  call_id        VARCHAR,             -- the call it was about; null: none
  model_id       VARCHAR,
  budget         VARCHAR,
  scope          VARCHAR,             -- the balance's scope, such as team=search
  unit           VARCHAR,             -- REQUESTS, TOKENS, NANO_USD
  requested      BIGINT,
  available      BIGINT,
  settled        BIGINT,
  limit_amount   BIGINT,
  share          DECIMAL(38,18),      -- part of the limit, 0.8 for 80 %
  change_amount  BIGINT,
  detail         VARCHAR,
  reason         VARCHAR,
  actor          VARCHAR,
  denial_kind    VARCHAR,             -- why a call was denied: OVER_LIMIT, FROZEN, ...
  window_start   TIMESTAMP,
  window_end     TIMESTAMP
);

-- What was read and is no call, with the reason. Never a text of the source.
CREATE TABLE skipped (
  file    VARCHAR,
  line    BIGINT,            -- from 1; null: the whole file
  reason  VARCHAR NOT NULL,  -- in lower case, from a closed list: 'torn line', 'large body', ...
  request_id VARCHAR         -- of a torn line: Bedrock's id of the request, where it stands before the cut
);

-- What a log delivered again: every delivery of a request but the first.
CREATE VIEW repeated_calls AS
WITH delivered AS (
  SELECT r.call, r.request_id
  FROM call_rows r
  JOIN call_texts t ON t.texts = r.texts
  WHERE t.source = 'log' AND r.request_id IS NOT NULL
)
SELECT d.call
FROM delivered d
JOIN (SELECT request_id, min(call) AS first_call
      FROM delivered
      GROUP BY request_id
      HAVING count(*) > 1) f ON f.request_id = d.request_id
WHERE d.call > f.first_call;

-- Calls, each once: a request that a log delivered twice counts once, the first delivery.
CREATE VIEW counted_calls AS
SELECT c.* FROM calls c ANTI JOIN repeated_calls r ON r.call = c.call;

-- Denied calls, which Bedrock never saw.
CREATE VIEW denials AS
SELECT * FROM budget_events WHERE kind = 'DENIED';
