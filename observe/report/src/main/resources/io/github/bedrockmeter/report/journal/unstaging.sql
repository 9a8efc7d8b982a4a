-- SPDX-License-Identifier: Apache-2.0
DROP TABLE journal_charges;
DROP TABLE journal_tags;
