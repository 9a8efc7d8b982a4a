-- SPDX-License-Identifier: Apache-2.0
--
-- The rows of a report in the order in which they are shown; the total comes last.
SELECT is_total, period, keys, others, calls, input_tokens, output_tokens, cache_read_tokens,
       cache_write_tokens, at_least_usd, unpriced_calls, earlier_calls, earlier_at_least_usd,
       change_usd, earlier_unpriced_calls
FROM report_rows
ORDER BY is_total, period, place;
