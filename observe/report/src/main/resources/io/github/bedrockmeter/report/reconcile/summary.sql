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
FROM (VALUES ('unmetered', 0), ('unlogged', 1), ('tokens', 2), ('tier', 3), ('region', 4),
             ('cost', 5), ('attempt', 6), ('unknown', 7), ('duplicate', 8), ('torn', 9))
     AS k (kind, place)
LEFT JOIN differences d ON d.kind = k.kind
GROUP BY k.kind, k.place
ORDER BY k.place;
