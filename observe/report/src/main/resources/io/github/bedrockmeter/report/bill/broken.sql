-- SPDX-License-Identifier: Apache-2.0
--
-- Cells of the bill that cannot be read: a number that is none, another currency, a day that is none.
SELECT what, cell, usage_type
FROM (
  SELECT 'cost' AS what, usd_text AS cell, usage_type FROM bill_texts
  WHERE shape IS NOT NULL AND (usd_text IS NULL OR TRY_CAST(usd_text AS DECIMAL(38,18)) IS NULL)
  UNION ALL
  SELECT 'net cost', net_text, usage_type FROM bill_texts
  WHERE shape IS NOT NULL AND (net_text IS NULL OR TRY_CAST(net_text AS DECIMAL(38,18)) IS NULL)
  UNION ALL
  SELECT 'amount', amount_text, usage_type FROM bill_texts
  WHERE shape IS NOT NULL AND kind = 'usage'
    AND (amount_text IS NULL OR TRY_CAST(amount_text AS DECIMAL(38,18)) IS NULL)
  UNION ALL
  SELECT 'currency', currency, usage_type FROM bill_texts
  WHERE shape IS NOT NULL AND currency IS NOT NULL AND currency <> 'USD'
  UNION ALL
  SELECT 'start', starts, usage_type FROM bill_texts
  WHERE shape IS NOT NULL AND (starts IS NULL OR TRY_CAST(starts AS TIMESTAMPTZ) IS NULL)
  UNION ALL
  SELECT 'time, which is longer than a day: export the bill by the hour or by the day', starts || '/' || ends, usage_type FROM bill_texts
  WHERE shape IS NOT NULL AND kind = 'usage'
    AND TRY_CAST(ends AS TIMESTAMPTZ) > TRY_CAST(starts AS TIMESTAMPTZ) + INTERVAL 1 DAY
)
ORDER BY what, usage_type, cell
LIMIT 1;
