-- SPDX-License-Identifier: Apache-2.0
--
-- Reads and writes of prompt caches, with what each token would have cost as input.
CREATE TABLE cache_use AS
SELECT
  r.call, c.time,
  c.time + to_microseconds(coalesce(c.elapsed_nanos, 0) // 1000) AS ended,
  coalesce(c.account, '') AS account, coalesce(c.region, '') AS region, coalesce(c.model, c.model_id, '') AS model,
  h.meter, h.units,
  i.usd_each AS input_each, m.usd_each AS own_each, hour.usd_each AS hour_each, five.usd_each AS five_each,
  read.usd_each AS read_each,
  CASE h.meter WHEN 'cacheWrite.1h' THEN INTERVAL 1 HOUR WHEN 'cacheWrite.30m' THEN INTERVAL 30 MINUTE
       WHEN 'cacheRead' THEN NULL ELSE INTERVAL 5 MINUTE END AS lifetime
FROM rated_calls r
JOIN counted_calls c USING (call)
JOIN charges h USING (call)
LEFT JOIN rated_rates i ON i.key = r.key AND i.meter = 'input'
LEFT JOIN rated_rates m ON m.key = r.key AND m.meter = h.meter
LEFT JOIN rated_rates hour ON hour.key = r.key AND hour.meter = 'cacheWrite.1h'
LEFT JOIN rated_rates five ON five.key = r.key AND five.meter = 'cacheWrite.5m'
LEFT JOIN rated_rates read ON read.key = r.key AND read.meter = 'cacheRead'
WHERE h.meter LIKE 'cache%';

-- For each write, the first read of the same account, region and model that began after it, by
-- whatever call: no text is known, so any such read may have read it.
CREATE TABLE cache_writes AS
SELECT w.*, n.time AS next_read, u.time AS next_use
FROM (SELECT * FROM cache_use WHERE lifetime IS NOT NULL) w
ASOF LEFT JOIN (SELECT account, region, model, time FROM cache_use WHERE meter = 'cacheRead') n
  ON w.account = n.account AND w.region = n.region AND w.model = n.model AND w.time < n.time
ASOF LEFT JOIN (SELECT DISTINCT account, region, model, time FROM cache_use) u
  ON w.account = u.account AND w.region = u.region AND w.model = u.model AND w.time < u.time;

-- never_read: no read of that account, region and model began before the write's lifetime had
-- passed since its call ended, so that certainly no call read it. open: the last of the calls came
-- before that.
CREATE TABLE cache_facts AS
SELECT
  call, meter, units, 'write' AS kind,
  CAST(units * own_each - units * input_each AS DECIMAL(38,18)) AS usd,
  CASE
    WHEN next_read <= ended + lifetime THEN 'may have been read'
    WHEN ended + lifetime > (SELECT max(time) FROM rated_calls) AND next_read IS NULL THEN 'open'
    ELSE 'never read'
  END AS fate,
  lifetime = INTERVAL 5 MINUTE AND next_use > ended + lifetime AND next_use <= ended + INTERVAL 1 HOUR AS late,
  lifetime = INTERVAL 1 HOUR AND next_read <= ended + INTERVAL 5 MINUTE AS early,
  CASE WHEN lifetime = INTERVAL 5 MINUTE THEN CAST(units * hour_each - units * own_each AS DECIMAL(38,18)) END AS hour_more_usd,
  CASE WHEN lifetime = INTERVAL 5 MINUTE THEN CAST(units * own_each - units * read_each AS DECIMAL(38,18)) END AS read_less_usd,
  CASE WHEN lifetime = INTERVAL 1 HOUR THEN CAST(units * own_each - units * five_each AS DECIMAL(38,18)) END AS five_less_usd
FROM cache_writes
UNION ALL
SELECT call, meter, units, 'read', CAST(units * input_each - units * own_each AS DECIMAL(38,18)),
       NULL, FALSE, FALSE, NULL, NULL, NULL
FROM cache_use WHERE lifetime IS NULL;
