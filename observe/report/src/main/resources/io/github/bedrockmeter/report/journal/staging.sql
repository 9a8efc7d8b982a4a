-- SPDX-License-Identifier: Apache-2.0
--
-- Counts and tags as a journal has them, by the ids of its calls, until they are joined to "calls".
CREATE OR REPLACE TABLE journal_charges (
  call_id      VARCHAR NOT NULL,
  meter        VARCHAR NOT NULL,
  units        BIGINT  NOT NULL,
  source       VARCHAR,
  usd          DECIMAL(38,18),
  rate_usd     DECIMAL(38,18),
  rate_per     BIGINT,
  rate_basis   VARCHAR,
  rate_source  VARCHAR
);

CREATE OR REPLACE TABLE journal_tags (
  call_id  VARCHAR NOT NULL,
  name     VARCHAR NOT NULL,
  value    VARCHAR NOT NULL
);
