-- SPDX-License-Identifier: Apache-2.0
--
-- The rows of Bedrock in a Cost and Usage Report 2.0, of the view bill_file, whose cells are texts.
-- shape: marketplace, bedrock, service (AmazonBedrockService), other (another service of that name).
CREATE TABLE bill_texts AS
WITH cells AS (
  SELECT *,
         CASE WHEN json_valid(product) THEN json_extract_string(product, '$.product_name') END AS named,
         CASE WHEN json_valid(product) THEN json_extract_string(product, '$.region') END AS product_region
  FROM bill_file
)
SELECT
  CASE
    WHEN line_item_product_code = 'AmazonBedrockService' THEN 'service'
    WHEN line_item_product_code IN ('AmazonBedrock', 'AmazonBedrockFoundationModels') THEN 'bedrock'
    WHEN line_item_product_code LIKE '%Bedrock%' THEN 'other'
    WHEN coalesce(named, product_product_name) ILIKE '%(Amazon Bedrock Edition)' THEN 'marketplace'
    WHEN bill_billing_entity = 'AWS Marketplace' AND line_item_resource_id LIKE 'arn:%:bedrock:%' THEN 'marketplace'
  END AS shape,
  CASE
    WHEN line_item_line_item_type = 'Usage' THEN 'usage'
    WHEN line_item_line_item_type = 'Credit' THEN 'credit'
    WHEN line_item_line_item_type = 'Refund' THEN 'refund'
    WHEN line_item_line_item_type = 'Tax' THEN 'tax'
    WHEN line_item_line_item_type LIKE '%Discount' THEN 'discount'
    WHEN line_item_line_item_type LIKE '%Fee' THEN 'fee'
    ELSE 'other'
  END AS kind,
  coalesce(line_item_line_item_type, '') AS line_type,
  line_item_usage_start_date AS starts,
  line_item_usage_end_date AS ends,
  coalesce(bill_billing_period_start_date, line_item_usage_start_date) AS period_starts,
  bill_billing_period_end_date AS period_ends,
  coalesce(line_item_usage_account_id, '') AS account,
  coalesce(product_region_code, product_region) AS region,
  coalesce(line_item_usage_type, '') AS usage_type,
  coalesce(named, product_product_name, '') AS product,
  coalesce(line_item_resource_id, '') AS resource,
  coalesce(pricing_unit, '') AS unit,
  line_item_usage_amount AS amount_text,
  line_item_unblended_cost AS usd_text,
  coalesce(line_item_net_unblended_cost, line_item_unblended_cost) AS net_text,
  line_item_currency_code AS currency,
  bill_invoice_id AS invoice
FROM cells;
