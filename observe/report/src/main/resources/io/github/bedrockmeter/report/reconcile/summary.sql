-- SPDX-License-Identifier: Apache-2.0
--
-- Differences by kind, the kinds without any too. "unknown_usd" counts those whose dollars are
-- unknown; the sums are of the others, and null where there is no other.
SELECT k.kind,
       count(d.kind) AS calls,
       sum(d.ours_usd) AS ours_usd,
       sum(d.aws_usd) AS aws_usd,
       sum(d.difference_usd) AS difference_usd,
       sum(abs(d.difference_usd)) AS gross_usd,
       count(d.kind) - count(d.difference_usd) AS unknown_usd
FROM (SELECT unnest(['unmetered', 'unlogged', 'tokens', 'tier', 'region', 'cost', 'attempt',
                     'unknown', 'duplicate', 'torn']) AS kind,
             unnest(range(10)) AS place) k
LEFT JOIN differences d ON d.kind = k.kind
GROUP BY k.kind, k.place
ORDER BY k.place;
