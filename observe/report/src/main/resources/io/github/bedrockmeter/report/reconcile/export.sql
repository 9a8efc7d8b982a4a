-- SPDX-License-Identifier: Apache-2.0
--
-- Every difference, as it is written to a file.
SELECT kind, strftime(time, '%Y-%m-%dT%H:%M:%S.%fZ') AS time, request_id, call_id, account, region,
       principal, application, model, ours, theirs, ours_usd, aws_usd, difference_usd, reason, file, line
FROM differences
ORDER BY kind, time, request_id, file, line
