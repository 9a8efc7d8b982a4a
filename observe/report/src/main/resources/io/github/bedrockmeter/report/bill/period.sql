-- SPDX-License-Identifier: Apache-2.0
--
-- The days of a bill's usage, its accounts, and whether some of our calls name no account.
SELECT
  CAST(min(coalesce(period_first, day)) AS VARCHAR) AS first_day,
  CAST(max(day) AS VARCHAR) AS last_day,
  count(DISTINCT account) AS accounts,
  coalesce(min(account), '') AS account,
  (SELECT count(*) FROM calls WHERE account IS NULL) AS ours_unnamed
FROM bill_rows
WHERE kind = 'usage' AND shape <> 'other';
