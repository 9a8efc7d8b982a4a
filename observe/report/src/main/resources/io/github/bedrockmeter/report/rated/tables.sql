-- SPDX-License-Identifier: Apache-2.0
--
-- What prices calls again: each call gets the key of a price, each key its rates.

-- What is asked: one row.
CREATE TABLE rated_settings (
  from_time  TIMESTAMP,         -- first instant; null: all
  to_time    TIMESTAMP,         -- first instant that no longer counts; null: all
  tier       VARCHAR,           -- the tier of every call; null: its own
  day        DATE,              -- the day whose prices hold; null: the call's own
  no_cache   BOOLEAN NOT NULL   -- whether cached tokens are priced as input
);

-- The model that each id is priced as.
CREATE TABLE rated_models (
  model_id  VARCHAR NOT NULL,  -- as it was called
  target    VARCHAR NOT NULL   -- as it is priced
);

-- The counts of input tokens above which a model has another price.
CREATE TABLE rated_bands (
  target  VARCHAR NOT NULL,
  above   BIGINT NOT NULL
);

-- US dollars for one unit of a meter; null, with the reason, where there is no price.
CREATE TABLE rated_rates (
  key       BIGINT NOT NULL,
  meter     VARCHAR NOT NULL,
  usd_each  DECIMAL(38,24),
  reason    VARCHAR
);
