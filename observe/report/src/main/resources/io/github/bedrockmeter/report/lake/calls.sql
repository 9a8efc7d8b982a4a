-- SPDX-License-Identifier: Apache-2.0
--
-- The facts of each call as a data lake has them: one row, with its tags and charges in it. Columns are
-- those of "calls" in facts.sql, then
--   tags     each tag by its name; empty: none
--   charges  the rows of "charges" in facts.sql, by their meters
-- "call" is the number of the row among those that were written together. "period" is replaced by the
-- condition on "time".
SELECT c.*,
       coalesce(t.tags, MAP {}) AS tags,
       coalesce(h.charges, []) AS charges
FROM calls c
LEFT JOIN (
  SELECT call, map_from_entries(list({'key': name, 'value': value} ORDER BY name)) AS tags
  FROM tags
  GROUP BY call
) t ON t.call = c.call
LEFT JOIN (
  SELECT call,
         list({'meter': meter, 'units': units, 'source': source, 'usd': usd, 'rate_usd': rate_usd,
               'rate_per': rate_per, 'rate_basis': rate_basis, 'rate_source': rate_source}
              ORDER BY meter) AS charges
  FROM charges
  GROUP BY call
) h ON h.call = c.call
WHERE /*period*/
