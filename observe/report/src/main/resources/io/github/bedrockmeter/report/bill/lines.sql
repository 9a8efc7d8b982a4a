-- SPDX-License-Identifier: Apache-2.0
--
-- Ours beside theirs; the parameter says whether what does not differ is listed too.
SELECT * EXCLUDE (cell, line)
FROM bill_lines
WHERE ? OR coalesce(nullif(cause, ''), 'rounding') <> 'rounding'
ORDER BY cell, line;
