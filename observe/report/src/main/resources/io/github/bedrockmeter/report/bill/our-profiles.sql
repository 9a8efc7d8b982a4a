-- SPDX-License-Identifier: Apache-2.0
--
-- The model of each application inference profile, where our calls know exactly one.
SELECT profile, min(model) AS model
FROM calls
WHERE profile IS NOT NULL AND model IS NOT NULL
GROUP BY profile
HAVING count(DISTINCT model) = 1
ORDER BY profile;
