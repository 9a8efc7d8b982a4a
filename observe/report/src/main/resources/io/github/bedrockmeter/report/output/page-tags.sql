-- SPDX-License-Identifier: Apache-2.0
--
-- The names of the tags that most calls of the report have.
SELECT t.name, count(*) AS calls
FROM tags t
JOIN report_calls c ON c.call = t.call
WHERE NOT c.earlier
GROUP BY t.name
ORDER BY calls DESC, t.name
LIMIT 3;
