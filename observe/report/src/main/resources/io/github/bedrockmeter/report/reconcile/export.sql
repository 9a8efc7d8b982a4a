-- SPDX-License-Identifier: Apache-2.0
--
-- Every difference, as it is written to a file. A cell that a spreadsheet would take for a formula
-- begins with an apostrophe there.
SELECT kind, strftime(time, '%Y-%m-%dT%H:%M:%S.%fZ') AS time, request_id, call_id, account, region,
       CASE WHEN regexp_matches(principal, '^[=+@\-\t\r]') THEN '''' || principal ELSE principal END AS principal,
       CASE WHEN regexp_matches(application, '^[=+@\-\t\r]') THEN '''' || application ELSE application END AS application,
       CASE WHEN regexp_matches(model, '^[=+@\-\t\r]') THEN '''' || model ELSE model END AS model,
       ours, theirs, ours_usd, aws_usd, difference_usd, reason, file, line
FROM differences
ORDER BY kind, time, request_id, file, line
