-- SPDX-License-Identifier: Apache-2.0
--
-- What was read and is no call, by reason.
SELECT reason, count(*) AS n
FROM skipped
GROUP BY reason
ORDER BY n DESC, reason;
