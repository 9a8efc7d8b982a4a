-- SPDX-License-Identifier: Apache-2.0
--
-- The calls that a report is about, each with its period. "report_periods" has the periods, which
-- follow one another without a gap; "earlier" are those of the time before. "joins" and
-- "filters" are put together from a fixed list of columns; the names of tags and the values that
-- are asked for are rows of "report_filters", never text of this statement.
CREATE OR REPLACE TEMP TABLE report_calls AS
SELECT p.n AS period, p.earlier, c.*
FROM counted_calls c
ASOF JOIN report_periods p ON c.time >= p.starts
/*joins*/
WHERE c.time < p.ends
/*filters*/;
