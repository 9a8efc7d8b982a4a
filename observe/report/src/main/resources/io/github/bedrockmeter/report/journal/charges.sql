-- SPDX-License-Identifier: Apache-2.0
--
-- The counts of the journal's calls that were read last. Parameter: the last call before them.
INSERT INTO charge_rows
SELECT c.call, j.texts, j.units, j.usd
FROM journal_charges j
JOIN call_rows c ON c.call_id = j.call_id
WHERE c.call > ?;
