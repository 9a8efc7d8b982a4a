-- SPDX-License-Identifier: Apache-2.0
--
-- The model of each application inference profile, where the bill knows exactly one.
SELECT profile, min(model) AS model
FROM bill_read
WHERE profile <> '' AND model IS NOT NULL
GROUP BY profile
HAVING count(DISTINCT model) = 1
ORDER BY profile;
