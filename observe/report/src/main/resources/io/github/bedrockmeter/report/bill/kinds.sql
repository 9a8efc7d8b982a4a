-- SPDX-License-Identifier: Apache-2.0
--
-- Each usage row with what its usage type counts; what: compared, capacity, not understood,
-- unnamed (a row of the Marketplace that may be of any seller), or the row's own kind.
CREATE TABLE bill_read AS
SELECT
  r.*,
  t.model, t.meter, t.tier, t.is_global, t.above, t.reason,
  coalesce(t.region, r.region) AS source_region,
  CAST(round(r.amount * t.units_each, 6) AS DECIMAL(38,6)) AS units,
  CASE
    WHEN r.kind <> 'usage' THEN r.kind
    WHEN r.shape = 'other' THEN 'other service'
    WHEN r.shape = 'unnamed' AND t.meter IS NULL AND t.reason = 'a usage type that is not known' THEN 'unnamed'
    WHEN t.reason IS NOT NULL THEN 'not understood'
    WHEN t.capacity THEN 'capacity'
    WHEN r.day < s.from_day OR r.day >= s.to_day THEN 'outside'
    ELSE 'compared'
  END AS what,
  CASE WHEN s.net THEN r.net_usd ELSE r.usd END AS their_usd
FROM bill_rows r
CROSS JOIN bill_settings s
LEFT JOIN bill_types t
  ON r.kind = 'usage' AND t.usage_type = r.usage_type AND t.unit = r.unit
 AND t.product = r.product AND t.resource = r.resource;

-- Whether a day is final: invoiced, or neither one of the last two days of the bill nor one of the
-- last two of the calendar.
CREATE TABLE bill_days AS
SELECT
  day,
  bool_and(invoice IS NOT NULL)
    OR (day < any_value(last_day) - INTERVAL 1 DAY AND day < any_value(today) - INTERVAL 1 DAY) AS final
FROM (
  SELECT r.day, r.invoice, s.today, max(r.day) OVER () AS last_day
  FROM bill_read r CROSS JOIN bill_settings s
  WHERE r.kind = 'usage'
)
GROUP BY day;
