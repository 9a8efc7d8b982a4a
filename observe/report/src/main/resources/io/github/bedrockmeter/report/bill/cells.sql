-- SPDX-License-Identifier: Apache-2.0
--
-- Ours beside theirs: one cell for each day, account, region, model, meter, tier, scope, context
-- band and application inference profile.
CREATE TABLE bill_cells AS
SELECT
  r.day,
  CASE WHEN s.split_accounts THEN r.account ELSE '*' END AS account,
  coalesce(r.source_region, '') AS region,
  r.model, regexp_replace(r.meter, '\[.*\]$', '') AS meter, r.tier, r.is_global, r.above, r.profile,
  string_agg(DISTINCT r.usage_type, ' + ' ORDER BY r.usage_type) AS usage_types,
  sum(r.units) AS units,
  sum(r.their_usd) AS usd
FROM bill_read r CROSS JOIN bill_settings s
WHERE r.what = 'compared'
GROUP BY ALL;

-- Where the bill shows no profile for a cell, ours is compared without it too.
CREATE TABLE our_cells AS
WITH chosen AS (
  SELECT
    c.call, CAST(c.time AS DATE) AS day,
    CASE WHEN s.split_accounts THEN coalesce(c.account, s.account) ELSE '*' END AS account,
    coalesce(c.region, '') AS region,
    coalesce(m.model, c.model, c.model_id, '') AS model,
    coalesce(c.tier, 'standard') AS tier,
    coalesce(c.geography = 'global', FALSE) OR coalesce(m.is_global, FALSE) AS is_global,
    coalesce(c.profile, '') AS profile,
    c.outcome,
    coalesce(c.input_tokens, 0) + coalesce(c.cache_read_tokens, 0) + coalesce(c.cache_write_tokens, 0) AS prompt
  FROM counted_calls c
  CROSS JOIN bill_settings s
  LEFT JOIN our_models m ON m.model_id = c.model_id
  WHERE c.time >= s.from_day AND c.time < s.to_day
),
banded AS (
  SELECT c.*, coalesce(b.above, 0) AS above
  FROM chosen c
  LEFT JOIN LATERAL (
    SELECT max(above) AS above FROM model_bands b WHERE b.model = c.model AND b.above < c.prompt
  ) b ON TRUE
),
counted AS (
  SELECT
    c.day, c.account, c.region,
    CASE WHEN h.meter LIKE 'guardrailUnits.%' THEN 'guardrails' ELSE c.model END AS model,
    regexp_replace(h.meter, '\[.*\]$', '') AS meter,
    CASE WHEN h.meter LIKE 'guardrailUnits.%' THEN 'standard' ELSE c.tier END AS tier,
    h.meter NOT LIKE 'guardrailUnits.%' AND c.is_global AS is_global,
    CASE WHEN h.meter LIKE 'guardrailUnits.%' THEN 0 ELSE c.above END AS above,
    c.profile, c.call, c.outcome, h.units, h.usd
  FROM banded c JOIN charges h ON h.call = c.call
),
profiled AS (
  SELECT c.*, CASE WHEN p.day IS NULL THEN '' ELSE c.profile END AS shown_profile
  FROM counted c
  LEFT JOIN (
    SELECT DISTINCT day, account, region, model, meter, tier, is_global, above
    FROM bill_cells WHERE profile <> ''
  ) p USING (day, account, region, model, meter, tier, is_global, above)
)
SELECT
  day, account, region, model, meter, tier, is_global, above, shown_profile AS profile,
  CAST(sum(units) AS DECIMAL(38,6)) AS units,
  sum(usd) AS usd,
  CAST(coalesce(sum(units) FILTER (WHERE usd IS NULL), 0) AS DECIMAL(38,6)) AS unpriced_units,
  count(DISTINCT call) AS calls,
  count(DISTINCT call) FILTER (WHERE outcome IN ('cancelled', 'truncated')) AS cancelled
FROM profiled
GROUP BY ALL;

CREATE TABLE joined_cells AS
SELECT
  row_number() OVER (ORDER BY day, account, region, model, meter, tier, is_global, above, profile) AS cell,
  day, account, region, model, meter, tier, is_global, above, profile,
  CASE WHEN meter LIKE 'cacheWrite%' THEN 'cacheWrite' ELSE meter END AS family,
  b.usage_types, b.units AS their_units, b.usd AS their_usd,
  o.units AS our_units, o.usd AS our_usd, coalesce(o.unpriced_units, 0) AS unpriced_units,
  coalesce(o.calls, 0) AS calls, coalesce(o.cancelled, 0) AS cancelled,
  -- A day that the bill has nothing of is as final as its neighbours.
  coalesce(d.final,
           day < (SELECT max(day) FROM bill_days) - INTERVAL 1 DAY
             AND day < (SELECT today FROM bill_settings) - INTERVAL 1 DAY) AS final
FROM bill_cells b
FULL JOIN our_cells o USING (day, account, region, model, meter, tier, is_global, above, profile)
LEFT JOIN bill_days d USING (day);

-- How many units stand on the bill in another cell of the same model and meter than in ours: of
-- another tier, scope, context band or cache lifetime. And what else is seen beside a cell.
CREATE TABLE cells AS
WITH diffs AS (
  SELECT *, coalesce(their_units, 0) - coalesce(our_units, 0) AS diff FROM joined_cells
),
moves AS (
  SELECT
    day, account, region, model, family, profile,
    least(sum(greatest(diff, 0)), sum(greatest(-diff, 0))) AS moved,
    CASE
      WHEN string_agg(DISTINCT tier, ',' ORDER BY tier) FILTER (WHERE diff > 0)
           <> string_agg(DISTINCT tier, ',' ORDER BY tier) FILTER (WHERE diff < 0) THEN 'tier'
      WHEN string_agg(DISTINCT is_global::VARCHAR, ',' ORDER BY is_global::VARCHAR) FILTER (WHERE diff > 0)
           <> string_agg(DISTINCT is_global::VARCHAR, ',' ORDER BY is_global::VARCHAR) FILTER (WHERE diff < 0) THEN 'scope'
      WHEN string_agg(DISTINCT above::VARCHAR, ',' ORDER BY above::VARCHAR) FILTER (WHERE diff > 0)
           <> string_agg(DISTINCT above::VARCHAR, ',' ORDER BY above::VARCHAR) FILTER (WHERE diff < 0) THEN 'context band'
      ELSE 'cache lifetime'
    END AS move
  FROM diffs
  GROUP BY ALL
),
placed AS (
  SELECT
    d.*, m.moved, m.move,
    coalesce(sum(greatest(d.diff, 0)) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS more_before,
    coalesce(sum(greatest(-d.diff, 0)) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS less_before,
    coalesce(sum(d.our_units) FILTER (WHERE d.meter = 'cacheRead' OR d.family = 'cacheWrite') OVER same, 0) AS our_cached,
    coalesce(sum(d.diff) FILTER (WHERE d.meter = 'input') OVER same, 0) AS input_diff
  FROM diffs d
  JOIN moves m USING (day, account, region, model, family, profile)
  WINDOW w AS (PARTITION BY d.day, d.account, d.region, d.model, d.family, d.profile ORDER BY d.cell),
         same AS (PARTITION BY d.day, d.account, d.region, d.model, d.tier, d.is_global, d.above, d.profile)
)
SELECT
  * EXCLUDE (moved, more_before, less_before),
  CASE
    WHEN diff > 0 THEN greatest(0, least(diff, moved - more_before))
    WHEN diff < 0 THEN -greatest(0, least(-diff, moved - less_before))
    ELSE 0
  END AS moved
FROM placed;
