-- SPDX-License-Identifier: Apache-2.0
--
-- The ids that calls name.
SELECT DISTINCT model_id, model, geography FROM counted_calls WHERE model_id IS NOT NULL ORDER BY ALL;
