-- SPDX-License-Identifier: Apache-2.0
--
-- FOCUS 1.2: a row for each period, account, region, model, scope, tier, meter, price and set of tags.
-- Periods are hours or days of UTC. All rows are the meter's own reckoning, before any invoice:
-- InvoiceId is null and x_Estimated is true. A count without a price has no SKU price and, as the
-- specification asks, neither Consumed* nor Pricing*: its tokens are in x_ConsumedTokens, and its cost
-- of 0, which may not be null, means "not known", as x_UnpricedReason says. What is certain of the cost
-- of a call that has no whole price is a row of its own, of the meter "knownPart": with it, BilledCost
-- adds up to what other formats call at_least_usd.
--
-- "report_focus" has one row, the billing account; "report_regions" the names of regions.
CREATE OR REPLACE TEMP VIEW report_focus_rows AS
WITH tagged AS (
  SELECT call, map_from_entries(list((name, value) ORDER BY name)) AS tags
  FROM tags
  GROUP BY call
),
-- What a call cost at least, as far as its charges do not have it.
known_parts AS (
  SELECT c.call, c.cost_at_least_usd - coalesce(sum(h.usd), 0) AS usd
  FROM report_calls c
  LEFT JOIN charges h ON h.call = c.call
  WHERE NOT c.earlier
  GROUP BY c.call, c.cost_at_least_usd
  HAVING c.cost_at_least_usd <> coalesce(sum(h.usd), 0)
),
counts AS (
  SELECT call, meter, usd, units, rate_usd, rate_per FROM charges
  UNION ALL
  SELECT call, 'knownPart', usd, NULL, NULL, NULL FROM known_parts
),
lines AS (
  SELECT p.starts, p.ends, c.account, c.region, coalesce(c.model, c.model_id) AS model, c.profile,
         CASE WHEN c.geography IS NULL THEN 'in-region'
              WHEN c.geography = 'global' THEN 'global' ELSE 'geography' END AS scope,
         coalesce(c.tier, 'standard') AS tier,
         h.meter, split_part(split_part(h.meter, '[', 1), '.', 1) AS kind,
         CASE WHEN h.meter LIKE 'cacheWrite.%' THEN split_part(h.meter, '.', 2) END AS lifetime,
         coalesce(t.tags, MAP {}::MAP(VARCHAR, VARCHAR)) AS tags,
         h.usd, h.units, h.rate_usd, h.rate_per,
         CASE WHEN h.usd IS NULL OR h.meter = 'knownPart'
              THEN coalesce(c.unpriced_reason, 'no price') END AS unpriced_reason
  FROM report_calls c
  JOIN counts h ON h.call = c.call
  JOIN report_periods p ON p.n = c.period AND p.earlier = c.earlier
  LEFT JOIN tagged t ON t.call = c.call
  WHERE NOT c.earlier
),
summed AS (
  SELECT starts, ends, account, region, model, profile, scope, tier, meter, kind, lifetime, tags,
         rate_usd, rate_per, unpriced_reason,
         sum(usd) AS usd, sum(units)::DECIMAL(38,0) AS units
  FROM lines
  GROUP BY ALL
),
named AS (
  SELECT s.*, f.billing_account, f.billing_account_name, r.name AS region_name,
         unpriced_reason IS NULL AS priced,
         kind IN ('input', 'output', 'cacheRead', 'cacheWrite') OR kind LIKE '%Tokens' AS is_tokens,
         CASE kind
           WHEN 'input' THEN 'Input Tokens'
           WHEN 'output' THEN 'Output Tokens'
           WHEN 'cacheRead' THEN 'Cache Read Tokens'
           WHEN 'cacheWrite' THEN 'Cache Write Tokens'
           ELSE regexp_replace(upper(kind[1]) || kind[2:], '([a-z])([A-Z])', '\1 \2', 'g')
         END AS meter_name,
         CASE
           WHEN kind IN ('input', 'output', 'cacheRead', 'cacheWrite') OR kind LIKE '%Tokens' THEN 'Tokens'
           WHEN kind LIKE '%Images' THEN 'Images'
           WHEN kind LIKE '%Seconds' THEN 'Seconds'
           WHEN kind LIKE '%Hours' THEN 'Hours'
           WHEN kind LIKE '%Minutes' THEN 'Minutes'
           WHEN kind = 'requests' THEN 'Requests'
           ELSE 'Units'
         END AS unit,
         -- One over the price's unit, exactly: prices are for a power of ten.
         CASE
           WHEN unpriced_reason IS NOT NULL THEN NULL
           ELSE CASE rate_per
             WHEN 1 THEN 1::DECIMAL(10,9) WHEN 10 THEN 0.1::DECIMAL(10,9)
             WHEN 100 THEN 0.01::DECIMAL(10,9) WHEN 1000 THEN 0.001::DECIMAL(10,9)
             WHEN 1000000 THEN 0.000001::DECIMAL(10,9)
             ELSE error('FOCUS: a price for ' || rate_per || ' units cannot be written exactly')
           END
         END AS per_unit,
         concat_ws('/', model, scope, coalesce(s.region, 'no-region'), tier, meter) AS sku_price
  FROM summed s
  CROSS JOIN report_focus f
  LEFT JOIN report_regions r ON r.region = s.region
)
SELECT
  coalesce(usd, 0)::DECIMAL(38,18) AS BilledCost,
  coalesce(billing_account, account) AS BillingAccountId,
  billing_account_name AS BillingAccountName,
  'USD' AS BillingCurrency,
  strftime(date_trunc('month', starts) + INTERVAL 1 MONTH, '%Y-%m-%dT%H:%M:%SZ') AS BillingPeriodEnd,
  strftime(date_trunc('month', starts), '%Y-%m-%dT%H:%M:%SZ') AS BillingPeriodStart,
  'Usage' AS ChargeCategory,
  NULL::VARCHAR AS ChargeClass,
  concat_ws(', ', concat_ws(' ', coalesce(model, 'unknown model'), lower(meter_name)), lifetime, tier, scope,
            CASE WHEN kind = 'knownPart' THEN 'price known in part'
                 WHEN NOT priced THEN 'no price known' END) AS ChargeDescription,
  'Usage-Based' AS ChargeFrequency,
  strftime(ends, '%Y-%m-%dT%H:%M:%SZ') AS ChargePeriodEnd,
  strftime(starts, '%Y-%m-%dT%H:%M:%SZ') AS ChargePeriodStart,
  CASE WHEN priced THEN units END AS ConsumedQuantity,
  CASE WHEN priced THEN unit END AS ConsumedUnit,
  coalesce(usd, 0)::DECIMAL(38,18) AS ContractedCost,
  CASE WHEN priced THEN rate_usd END AS ContractedUnitPrice,
  coalesce(usd, 0)::DECIMAL(38,18) AS EffectiveCost,
  NULL::VARCHAR AS InvoiceId,
  'Amazon Web Services, Inc.' AS InvoiceIssuerName,
  coalesce(usd, 0)::DECIMAL(38,18) AS ListCost,
  CASE WHEN priced THEN rate_usd END AS ListUnitPrice,
  CASE WHEN priced THEN 'Standard' END AS PricingCategory,
  'USD' AS PricingCurrency,
  (units::DECIMAL(28,0) * per_unit)::DECIMAL(38,9) AS PricingQuantity,
  CASE WHEN priced THEN CASE WHEN rate_per = 1 THEN unit ELSE rate_per || ' ' || unit END END AS PricingUnit,
  'AWS' AS ProviderName,
  CASE split_part(coalesce(model, ''), '.', 1)
    WHEN 'ai21' THEN 'AI21 Labs' WHEN 'anthropic' THEN 'Anthropic' WHEN 'cohere' THEN 'Cohere'
    WHEN 'deepseek' THEN 'DeepSeek' WHEN 'google' THEN 'Google' WHEN 'luma' THEN 'Luma AI'
    WHEN 'meta' THEN 'Meta' WHEN 'minimax' THEN 'MiniMax' WHEN 'mistral' THEN 'Mistral AI'
    WHEN 'moonshot' THEN 'Moonshot AI' WHEN 'moonshotai' THEN 'Moonshot AI'
    WHEN 'nvidia' THEN 'NVIDIA' WHEN 'openai' THEN 'OpenAI' WHEN 'qwen' THEN 'Qwen'
    WHEN 'stability' THEN 'Stability AI' WHEN 'twelvelabs' THEN 'TwelveLabs' WHEN 'writer' THEN 'Writer'
    WHEN 'xai' THEN 'xAI' WHEN 'zai' THEN 'Z.ai'
    ELSE 'AWS'
  END AS PublisherName,
  region AS RegionId,
  CASE WHEN region IS NOT NULL THEN coalesce(region_name, region) END AS RegionName,
  profile AS ResourceId,
  NULL::VARCHAR AS ResourceName,
  CASE WHEN profile IS NOT NULL THEN 'Application Inference Profile' END AS ResourceType,
  'AI and Machine Learning' AS ServiceCategory,
  'Amazon Bedrock' AS ServiceName,
  'Generative AI' AS ServiceSubcategory,
  CASE WHEN priced THEN concat_ws('/', model, meter) END AS SkuId,
  CASE WHEN priced THEN meter_name END AS SkuMeter,
  CASE WHEN priced THEN sku_price END AS SkuPriceId,
  CASE WHEN priced THEN to_json(map_from_entries(list_filter(
    [('x_Scope', scope), ('x_Tier', tier), ('x_Meter', meter), ('x_CacheLifetime', lifetime)],
    pair -> pair[2] IS NOT NULL))) END AS SkuPriceDetails,
  account AS SubAccountId,
  NULL::VARCHAR AS SubAccountName,
  to_json(tags) AS Tags,
  CASE WHEN is_tokens THEN units END AS x_ConsumedTokens,
  CASE WHEN NOT is_tokens THEN units END AS x_ConsumedUnits,
  TRUE AS x_Estimated,
  meter AS x_Meter,
  model AS x_Model,
  scope AS x_Scope,
  tier AS x_Tier,
  unpriced_reason AS x_UnpricedReason
FROM named
ORDER BY starts, account, region, model, scope, tier, meter, profile, rate_usd, tags::VARCHAR;
