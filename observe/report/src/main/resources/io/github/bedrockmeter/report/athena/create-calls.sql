-- SPDX-License-Identifier: Apache-2.0
--
-- For Athena: the rows that "bedrock-meter export" and the job on Spark write, which lake/calls.sql and
-- facts.sql explain. Change the location, twice, the first day and the accounts; "unknown" is the
-- account of a journal's calls. Partition projection finds the folders without a crawler.
CREATE EXTERNAL TABLE bedrock_calls (
  `call` bigint,
  `source` string,
  `file` string,
  `line` bigint,
  `request_id` string,
  `call_id` string,
  `time` timestamp,
  `account` string,
  `region` string,
  `inference_region` string,
  `principal` string,
  `operation` string,
  `requested_model` string,
  `model_id` string,
  `model` string,
  `geography` string,
  `profile` string,
  `answered_by` string,
  `tier` string,
  `outcome` string,
  `error` string,
  `status_code` int,
  `elapsed_nanos` bigint,
  `first_chunk_nanos` bigint,
  `sent` string,
  `charge` string,
  `usage_source` string,
  `input_tokens` bigint,
  `output_tokens` bigint,
  `cache_read_tokens` bigint,
  `cache_write_tokens` bigint,
  `total_tokens` bigint,
  `cost_usd` decimal(38,18),
  `cost_at_least_usd` decimal(38,18),
  `unpriced_reason` string,
  `price_book` string,
  `estimated_tokens` bigint,
  `bound_tokens` bigint,
  `estimated_usd` decimal(38,18),
  `attempts` int,
  `anomalies` string,
  `tags` map<string,string>,
  `charges` array<struct<meter:string,units:bigint,source:string,usd:decimal(38,18),rate_usd:decimal(38,18),rate_per:bigint,rate_basis:string,rate_source:string>>
)
PARTITIONED BY (`day` string, `account_id` string)
STORED AS PARQUET
LOCATION 's3://my-lake/calls/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2026-01-01,NOW',
  'projection.account_id.type' = 'enum',
  'projection.account_id.values' = 'unknown,123456789012',
  'storage.location.template' = 's3://my-lake/calls/day=${day}/account_id=${account_id}'
)
