-- SPDX-License-Identifier: Apache-2.0
--
-- What cache.sql found, by model.
SELECT * FROM report_cache ORDER BY net_usd DESC, model;
