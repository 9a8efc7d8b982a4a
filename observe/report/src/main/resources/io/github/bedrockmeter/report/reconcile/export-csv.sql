-- SPDX-License-Identifier: Apache-2.0
--
-- Every difference for a spreadsheet: a text that it would take for a formula begins with an
-- apostrophe. "export" is export.sql.
SELECT * REPLACE (
  regexp_replace(request_id, '^([=+@\-\t\r])', '''\1') AS request_id,
  regexp_replace(call_id, '^([=+@\-\t\r])', '''\1') AS call_id,
  regexp_replace(account, '^([=+@\-\t\r])', '''\1') AS account,
  regexp_replace(region, '^([=+@\-\t\r])', '''\1') AS region,
  regexp_replace(principal, '^([=+@\-\t\r])', '''\1') AS principal,
  regexp_replace(application, '^([=+@\-\t\r])', '''\1') AS application,
  regexp_replace(model, '^([=+@\-\t\r])', '''\1') AS model,
  regexp_replace(ours, '^([=+@\-\t\r])', '''\1') AS ours,
  regexp_replace(theirs, '^([=+@\-\t\r])', '''\1') AS theirs,
  regexp_replace(reason, '^([=+@\-\t\r])', '''\1') AS reason,
  regexp_replace(file, '^([=+@\-\t\r])', '''\1') AS file)
FROM (/*export*/)
ORDER BY kind, time, request_id, file, line
