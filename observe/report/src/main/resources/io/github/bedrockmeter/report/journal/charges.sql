-- SPDX-License-Identifier: Apache-2.0
--
-- The counts of the journal's calls that were read last. Parameter: the last call before them.
INSERT INTO charges
SELECT c.call, j.meter, j.units, j.source, j.usd, j.rate_usd, j.rate_per, j.rate_basis, j.rate_source
FROM journal_charges j
JOIN calls c ON c.call_id = j.call_id
WHERE c.call > ? AND c.source = 'journal';
