-- SPDX-License-Identifier: Apache-2.0
--
-- What cache.sql found, of all models. An amount is null where it is unknown of all of them.
SELECT coalesce(sum(read_tokens), 0) AS read_tokens, coalesce(sum(written_tokens), 0) AS written_tokens,
       CASE WHEN count(*) = 0 THEN 0 ELSE sum(saved_usd) END AS saved_usd,
       CASE WHEN count(*) = 0 THEN 0 ELSE sum(write_extra_usd) END AS write_extra_usd,
       CASE WHEN count(*) = 0 THEN 0
            WHEN coalesce(sum(unknown_writes), 0) = 0 THEN sum(saved_usd) - sum(write_extra_usd) END AS net_usd,
       CASE WHEN count(*) = 0 THEN 0 ELSE sum(wasted_usd) END AS wasted_usd,
       coalesce(sum(unknown_reads), 0) AS unknown_reads,
       coalesce(sum(unknown_writes), 0) AS unknown_writes,
       count(*) - count(wasted_usd) AS unknown_wastes
FROM report_cache;
