-- SPDX-License-Identifier: Apache-2.0
--
-- The models of both sides.
SELECT DISTINCT model FROM our_models WHERE model IS NOT NULL ORDER BY model;
