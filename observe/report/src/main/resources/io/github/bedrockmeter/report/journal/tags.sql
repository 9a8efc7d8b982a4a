-- SPDX-License-Identifier: Apache-2.0
--
-- The tags of the journal's calls that were read last. Parameter: the last call before them.
INSERT INTO tag_rows
SELECT c.call, j.texts
FROM journal_tags j
JOIN call_rows c ON c.call_id = j.call_id
WHERE c.call > ?;
