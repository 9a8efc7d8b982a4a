-- SPDX-License-Identifier: Apache-2.0
--
-- The rows of Bedrock with their numbers, and an application inference profile where the row's
-- resource is one.
CREATE TABLE bill_rows AS
SELECT
  shape, kind, line_type, account, region, usage_type, product, resource, unit, invoice,
  CAST(CAST(starts AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS day,
  CAST(TRY_CAST(period_starts AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS period_first,
  CAST(TRY_CAST(period_ends AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS period_end,
  CASE WHEN resource LIKE 'arn:%:application-inference-profile/%' THEN resource ELSE '' END AS profile,
  CAST(amount_text AS DECIMAL(38,18)) AS amount,
  CAST(usd_text AS DECIMAL(38,18)) AS usd,
  CAST(net_text AS DECIMAL(38,18)) AS net_usd
FROM bill_texts
WHERE shape IS NOT NULL;

-- Rows of other services, which are not compared.
CREATE TABLE bill_foreign AS
SELECT count(*) AS rows FROM bill_texts WHERE shape IS NULL;

DROP TABLE bill_texts;
