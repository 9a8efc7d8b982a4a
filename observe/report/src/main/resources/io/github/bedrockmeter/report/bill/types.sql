-- SPDX-License-Identifier: Apache-2.0
--
-- What is to be read of a bill's usage: each usage type with its unit, product and resource.
SELECT DISTINCT usage_type, unit, product, resource
FROM bill_rows
WHERE kind = 'usage' AND shape <> 'other'
ORDER BY ALL;
