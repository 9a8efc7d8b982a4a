-- SPDX-License-Identifier: Apache-2.0
--
-- What a tolerance is compared with: all differences without their signs, so that one does not
-- hide another. Repeats are counted once and are no difference in dollars. A record that is cut off
-- and whose call the meter has leaves nothing open.
SELECT coalesce(sum(abs(difference_usd)), 0) AS gross_usd,
       count(*) FILTER (WHERE difference_usd IS NULL AND NOT (kind = 'torn' AND journal_call IS NOT NULL))
         AS unknown
FROM differences
WHERE kind <> 'duplicate';
