-- SPDX-License-Identifier: Apache-2.0
--
-- Counts and tags as a journal has them, by the ids of its calls, until they are joined to the calls.
CREATE OR REPLACE TABLE journal_charges (
  call_id  VARCHAR NOT NULL,
  texts    BIGINT  NOT NULL,  -- charge_texts.texts
  units    BIGINT  NOT NULL,
  usd      DECIMAL(38,18)
);

CREATE OR REPLACE TABLE journal_tags (
  call_id  VARCHAR NOT NULL,
  texts    BIGINT  NOT NULL   -- tag_texts.texts
);
