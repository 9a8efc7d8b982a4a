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
-- leaves out repeats.
CREATE TABLE calls (
  call                BIGINT    NOT NULL,  -- number of the row in this database, joins the tables; a later file has higher ones
  source              VARCHAR   NOT NULL,  -- 'journal' or 'log'
  file                VARCHAR,             -- log: the file, as given; journal: null
  line                BIGINT,              -- log: line of the file, from 1 (in an envelope: its line); journal: null
  request_id          VARCHAR,             -- Bedrock's id; journal: null where no answer came
  call_id             VARCHAR,             -- the meter's id; log: as stamped into its metadata, else null
  time                TIMESTAMP NOT NULL,  -- journal: when the call started; log: its timestamp
  account             VARCHAR,             -- AWS account, 12 digits; log: accountId; journal: null
  region              VARCHAR,             -- source region, which sets the price
  inference_region    VARCHAR,             -- log: where it ran, for a cross-region profile; journal: null
  principal           VARCHAR,             -- log: identity.arn; journal: null
  operation           VARCHAR,             -- as AWS writes it: Converse, InvokeModel, ...
  requested_model     VARCHAR,             -- journal: as the caller named it; log: the same as model_id
  model_id            VARCHAR,             -- as it was called: a model id, a profile's id, an ARN
  model               VARCHAR,             -- the foundation model's own id; null where an ARN hides it
  geography           VARCHAR,             -- of a cross-region profile: us, eu, apac, global, ...; null: one region
  profile             VARCHAR,             -- ARN of an application inference profile; null: none
  answered_by         VARCHAR,             -- the model that the answer names; null: it names none
  tier                VARCHAR,             -- standard, flex, priority, latency, ...; journal: as requested; log: as served; null: the log does not show it, priced as standard
  outcome             VARCHAR   NOT NULL,  -- completed, failed, cancelled, truncated; log: completed, failed, unknown
  error               VARCHAR,             -- of a failed call; journal: exception's simple name; log: errorCode
  status_code         INTEGER,             -- journal: of a failed call, HTTP status, 0 without an answer
  elapsed_nanos       BIGINT,              -- nanoseconds; journal: until the call ended; log: as the answer's body states it
  first_chunk_nanos   BIGINT,              -- journal: until the first chunk of a stream, in nanoseconds
  sent                VARCHAR,             -- journal: SEEN or INFERRED; null: not recorded; log: SEEN
  charge              VARCHAR,             -- journal: REPORTED, ESTIMATED, RELEASED; log: null
  usage_source        VARCHAR,             -- the least trusted source of any count: BODY, HEADERS, ...; null: no counts
  input_tokens        BIGINT,              -- uncached prompt tokens; null: not reported
  output_tokens       BIGINT,              -- generated tokens; null: not reported; 0 for embeddings
  cache_read_tokens   BIGINT,              -- prompt tokens read from the cache; 0 where the others are known and it is not stated; null: no counts
  cache_write_tokens  BIGINT,              -- prompt tokens written to the cache, every lifetime; as above
  total_tokens        BIGINT,              -- tokens of every kind; null: not reported
  cost_usd            DECIMAL(38,18),      -- null: unknown, see unpriced_reason
  cost_at_least_usd   DECIMAL(38,18) NOT NULL, -- the part that is certain; the whole cost where it is known
  unpriced_reason     VARCHAR,             -- why the cost is unknown; null where it is known
  price_book          VARCHAR,             -- the version or name of the prices; null where the cost is unknown
  estimated_tokens    BIGINT,              -- journal: what was held before the call
  bound_tokens        BIGINT,              -- journal: what it could be at most
  estimated_usd       DECIMAL(38,18),      -- journal: the estimate's cost; null: unknown; log: null
  attempts            INTEGER,             -- journal: attempts of the SDK; null: not counted
  anomalies           VARCHAR              -- JSON [{"kind": ..., "detail": ...}]; null: none
);

-- Every count above zero of a call, with its price where it has one: usd = units * rate_usd / rate_per.
CREATE TABLE charges (
  call         BIGINT  NOT NULL,  -- calls.call
  meter        VARCHAR NOT NULL,  -- input, output, cacheRead, cacheWrite.5m, outputImages[...], ...
  units        BIGINT  NOT NULL,  -- whole units of the meter: a token, an image, a second
  source       VARCHAR,           -- where the count comes from: BODY, HEADERS, ..., ESTIMATED
  usd          DECIMAL(38,18),    -- null: not priced
  rate_usd     DECIMAL(38,18),    -- US dollars for rate_per units
  rate_per     BIGINT,            -- units
  rate_basis   VARCHAR,           -- fallbacks taken, with commas; empty: the exact row
  rate_source  VARCHAR            -- the source of the price, as the price book names it
);

-- Tags of a call. Journal: the call's tags; log: its requestMetadata, without the stamped call id.
CREATE TABLE tags (
  call   BIGINT  NOT NULL,  -- calls.call
  name   VARCHAR NOT NULL,
  value  VARCHAR NOT NULL
);

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

-- Calls, each once: a request that a log delivered twice counts once, the first delivery.
CREATE VIEW counted_calls AS
SELECT * FROM calls WHERE source = 'journal' OR request_id IS NULL
UNION ALL
SELECT * FROM calls WHERE source = 'log' AND request_id IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY request_id ORDER BY call) = 1;

-- Denied calls, which Bedrock never saw.
CREATE VIEW denials AS
SELECT * FROM budget_events WHERE kind = 'DENIED';
