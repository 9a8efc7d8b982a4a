-- SPDX-License-Identifier: Apache-2.0
--
-- What was read and is no record, by reason.
SELECT reason, count(*) AS things FROM skipped GROUP BY reason ORDER BY things DESC, reason;
