-- SPDX-License-Identifier: Apache-2.0
--
-- The rows of a report as a file of columns has them. A key is null where a call has none; "others" is
-- the number of groups that share the row, and null in rows of one group. "keys" are the columns that
-- were asked for, by their names.
SELECT period_label AS period, /*keys*/ others, calls, input_tokens, output_tokens, cache_read_tokens,
       cache_write_tokens, at_least_usd, unpriced_calls /*earlier*/
FROM report_rows
WHERE is_total = 0
ORDER BY report_rows.period, place
