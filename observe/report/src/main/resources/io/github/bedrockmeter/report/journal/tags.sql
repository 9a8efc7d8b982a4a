-- SPDX-License-Identifier: Apache-2.0
--
-- The tags of the journal's calls that were read last. Parameter: the last call before them.
INSERT INTO tags
SELECT c.call, j.name, j.value
FROM journal_tags j
JOIN calls c ON c.call_id = j.call_id
WHERE c.call > ? AND c.source = 'journal';
