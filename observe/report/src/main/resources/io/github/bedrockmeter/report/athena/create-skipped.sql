-- SPDX-License-Identifier: Apache-2.0
--
-- For Athena: what was read and is no call, with the reason. Change the location.
CREATE EXTERNAL TABLE bedrock_skipped (
  `file` string,
  `line` bigint,
  `reason` string,
  `request_id` string
)
STORED AS PARQUET
LOCATION 's3://my-lake/skipped/'
