-- SPDX-License-Identifier: Apache-2.0
--
-- The rows of Bedrock in a FOCUS 1.2 export, of the view bill_file, whose cells are texts. Rows of
-- the Marketplace may name neither service nor product: shape 'unnamed', until the usage type says.
-- FOCUS has discounts taken off its costs; x_Discounts lists them, and usd_text is without them.
CREATE TABLE bill_texts AS
WITH cells AS (
  SELECT *,
         CASE WHEN json_valid(x_Discounts) AND json_type(x_Discounts) = 'OBJECT' THEN
           list_sum(list_transform(json_extract_string(x_Discounts, '$.*'), x -> CAST(x AS DECIMAL(38,18))))
         END AS discounted
  FROM bill_file
)
SELECT
  CASE
    WHEN ServiceName ILIKE '%(Amazon Bedrock Edition)' THEN 'marketplace'
    WHEN x_ServiceCode = 'AmazonBedrockService' OR ServiceName = 'Amazon Bedrock Service' THEN 'service'
    WHEN x_ServiceCode IN ('AmazonBedrock', 'AmazonBedrockFoundationModels') OR ServiceName = 'Amazon Bedrock' THEN 'bedrock'
    WHEN x_ServiceCode LIKE '%Bedrock%' THEN 'other'
    WHEN SkuMeter LIKE '%-MP:%' AND ResourceId LIKE 'arn:%:bedrock:%' THEN 'marketplace'
    WHEN SkuMeter LIKE '%-MP:%' AND ServiceName IS NULL AND x_ServiceCode IS NULL THEN 'unnamed'
  END AS shape,
  CASE
    WHEN ChargeCategory = 'Usage' AND ChargeClass IS NULL THEN 'usage'
    WHEN ChargeCategory = 'Usage' THEN 'refund'
    WHEN ChargeCategory = 'Credit' THEN 'credit'
    WHEN ChargeCategory = 'Tax' THEN 'tax'
    WHEN ChargeCategory = 'Purchase' THEN 'fee'
    ELSE 'other'
  END AS kind,
  coalesce(ChargeCategory, '') || coalesce(' ' || ChargeClass, '') AS line_type,
  ChargePeriodStart AS starts,
  ChargePeriodEnd AS ends,
  coalesce(BillingPeriodStart, ChargePeriodStart) AS period_starts,
  BillingPeriodEnd AS period_ends,
  coalesce(SubAccountId, '') AS account,
  RegionId AS region,
  coalesce(SkuMeter, '') AS usage_type,
  coalesce(ServiceName, '') AS product,
  coalesce(ResourceId, '') AS resource,
  CASE WHEN PricingQuantity IS NOT NULL AND PricingUnit IS NOT NULL THEN PricingUnit
       ELSE coalesce(ConsumedUnit, PricingUnit, '') END AS unit,
  CASE WHEN PricingQuantity IS NOT NULL AND PricingUnit IS NOT NULL THEN PricingQuantity
       ELSE coalesce(ConsumedQuantity, PricingQuantity) END AS amount_text,
  CASE WHEN discounted IS NULL OR TRY_CAST(BilledCost AS DECIMAL(38,18)) IS NULL THEN BilledCost
       ELSE CAST(CAST(BilledCost AS DECIMAL(38,18)) - discounted AS VARCHAR) END AS usd_text,
  BilledCost AS net_text,
  BillingCurrency AS currency,
  InvoiceId AS invoice
FROM cells;
