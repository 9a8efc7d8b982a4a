-- SPDX-License-Identifier: Apache-2.0
--
-- What cache.sql found, of all models.
SELECT coalesce(sum(read_tokens), 0) AS read_tokens, coalesce(sum(written_tokens), 0) AS written_tokens,
       coalesce(sum(saved_usd), 0) AS saved_usd, coalesce(sum(write_extra_usd), 0) AS write_extra_usd,
       coalesce(sum(net_usd), 0) AS net_usd, coalesce(sum(wasted_usd), 0) AS wasted_usd,
       coalesce(sum(unknown_lines), 0) AS unknown_lines
FROM report_cache;
