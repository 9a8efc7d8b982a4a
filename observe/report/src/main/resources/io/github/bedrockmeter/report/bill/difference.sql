-- SPDX-License-Identifier: Apache-2.0
--
-- How far ours is from theirs, without signs; see BillReconciliation.difference.
WITH judged AS (
  SELECT * FROM cells
  WHERE final OR NOT EXISTS (SELECT 1 FROM cells WHERE final)
),
gaps AS (
  SELECT abs(sum(coalesce(their_usd, 0) - coalesce(our_usd, 0))) AS gap
  FROM judged
  GROUP BY account, region, model, meter, tier, is_global, above, profile
),
unread AS (
  SELECT coalesce(sum(abs(their_usd)), 0) AS usd FROM bill_read WHERE what = 'not understood'
)
SELECT
  coalesce((SELECT sum(gap) FROM gaps), 0) + (SELECT usd FROM unread) AS usd,
  coalesce((SELECT sum(their_usd) FROM judged), 0) + (SELECT usd FROM unread) AS their_usd;
