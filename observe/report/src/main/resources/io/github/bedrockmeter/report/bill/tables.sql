-- SPDX-License-Identifier: Apache-2.0
--
-- What a reconciliation with a bill keeps beside the fact tables. Units are whole units of a meter
-- (a token, an image), dollars are exact with 18 decimals, days are UTC.

-- What is compared: one row.
CREATE TABLE bill_settings (
  from_day        DATE NOT NULL,      -- first day
  to_day          DATE NOT NULL,      -- first day that no longer counts
  today           DATE NOT NULL,      -- the day of the clock
  account         VARCHAR NOT NULL,   -- of facts that name none
  split_accounts  BOOLEAN NOT NULL,   -- false: facts name no account and the bill has several
  net             BOOLEAN NOT NULL    -- true: their cost is the net cost, discounts taken off
);

-- What a usage type counts, by the mapping of the price importer.
CREATE TABLE bill_types (
  usage_type  VARCHAR NOT NULL,
  unit        VARCHAR NOT NULL,
  product     VARCHAR NOT NULL,  -- '' for none
  resource    VARCHAR NOT NULL,  -- '' for none
  model       VARCHAR,           -- canonical id; null: not understood
  meter       VARCHAR,
  tier        VARCHAR,
  is_global   BOOLEAN,           -- whether it counts calls of global profiles
  region      VARCHAR,           -- the source region in its prefix; null: not known
  above       BIGINT,            -- the context band: more than this many input tokens
  units_each  BIGINT,            -- units of the meter in one billed unit
  capacity    BOOLEAN,           -- paid by the hour or month, whatever is called
  reason      VARCHAR            -- why it is not understood; null where it is
);

-- The model behind each id that our calls name.
CREATE TABLE our_models (
  model_id   VARCHAR NOT NULL,  -- as it was called
  model      VARCHAR,           -- canonical id; null: not known
  is_global  BOOLEAN NOT NULL
);

-- The counts of input tokens above which a model has another price.
CREATE TABLE model_bands (
  model  VARCHAR NOT NULL,
  above  BIGINT NOT NULL
);

-- The parts of each cell's gap, which add up to it exactly, with the likely cause of each.
CREATE TABLE gap_parts (
  cell   BIGINT NOT NULL,
  cause  VARCHAR NOT NULL,
  units  DECIMAL(38,6) NOT NULL,
  usd    DECIMAL(38,18) NOT NULL
);

-- The rates of a cell, in US dollars for one unit.
CREATE TABLE cell_rates (
  cell    BIGINT NOT NULL,
  theirs  DECIMAL(38,18),  -- null: no units on the bill
  listed  DECIMAL(38,18),  -- of the price catalogue; null: it has none
  share   DECIMAL(38,6)    -- the share of the list price that the bill leaves out; null: none fits
);
