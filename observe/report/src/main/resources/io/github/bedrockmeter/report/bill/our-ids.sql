-- SPDX-License-Identifier: Apache-2.0
--
-- The ids that our calls name, and their model where the source knows it.
SELECT model_id, max(model) AS model
FROM calls
WHERE model_id IS NOT NULL
GROUP BY model_id
ORDER BY model_id;
