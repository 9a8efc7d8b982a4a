-- SPDX-License-Identifier: Apache-2.0
--
-- Every cell, with what its gap is worked out from.
SELECT
  cell, CAST(day AS VARCHAR) AS day, region, model, meter, tier, is_global, above,
  their_units, their_usd, our_units, our_usd, unpriced_units, cancelled, moved, move, our_cached, input_diff
FROM cells
ORDER BY cell;
