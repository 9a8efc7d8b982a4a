// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.pricing;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names that AWS's price list gives regions, for the rows that have no region code. */
final class RegionNames {
  private static final Map<String, String> CODES =
      Map.ofEntries(
          Map.entry("US East (N. Virginia)", "us-east-1"),
          Map.entry("US East (Ohio)", "us-east-2"),
          Map.entry("US West (N. California)", "us-west-1"),
          Map.entry("US West (Oregon)", "us-west-2"),
          Map.entry("AWS GovCloud (US-East)", "us-gov-east-1"),
          Map.entry("AWS GovCloud (US-West)", "us-gov-west-1"),
          Map.entry("Africa (Cape Town)", "af-south-1"),
          Map.entry("Asia Pacific (Hyderabad)", "ap-south-2"),
          Map.entry("Asia Pacific (Jakarta)", "ap-southeast-3"),
          Map.entry("Asia Pacific (Malaysia)", "ap-southeast-5"),
          Map.entry("Asia Pacific (Melbourne)", "ap-southeast-4"),
          Map.entry("Asia Pacific (Mumbai)", "ap-south-1"),
          Map.entry("Asia Pacific (Osaka)", "ap-northeast-3"),
          Map.entry("Asia Pacific (Seoul)", "ap-northeast-2"),
          Map.entry("Asia Pacific (Singapore)", "ap-southeast-1"),
          Map.entry("Asia Pacific (Sydney)", "ap-southeast-2"),
          Map.entry("Asia Pacific (Tokyo)", "ap-northeast-1"),
          Map.entry("Canada (Central)", "ca-central-1"),
          Map.entry("Canada West (Calgary)", "ca-west-1"),
          Map.entry("EU (Frankfurt)", "eu-central-1"),
          Map.entry("EU (Ireland)", "eu-west-1"),
          Map.entry("EU (London)", "eu-west-2"),
          Map.entry("EU (Milan)", "eu-south-1"),
          Map.entry("EU (Paris)", "eu-west-3"),
          Map.entry("EU (Stockholm)", "eu-north-1"),
          Map.entry("Europe (Spain)", "eu-south-2"),
          Map.entry("Europe (Zurich)", "eu-central-2"),
          Map.entry("Israel (Tel Aviv)", "il-central-1"),
          Map.entry("Middle East (Bahrain)", "me-south-1"),
          Map.entry("Middle East (UAE)", "me-central-1"),
          Map.entry("South America (Sao Paulo)", "sa-east-1"));

  /** The prefix of a region's usage types, as {@code USE1}; AWS's page of billing codes. */
  private static final Map<String, String> PREFIXES =
      Map.ofEntries(
          Map.entry("USE1", "us-east-1"),
          Map.entry("USE2", "us-east-2"),
          Map.entry("USW1", "us-west-1"),
          Map.entry("USW2", "us-west-2"),
          Map.entry("UGE1", "us-gov-east-1"),
          Map.entry("UGW1", "us-gov-west-1"),
          Map.entry("CAN1", "ca-central-1"),
          Map.entry("CAN2", "ca-west-1"),
          Map.entry("MXC1", "mx-central-1"),
          Map.entry("SAE1", "sa-east-1"),
          Map.entry("AFS1", "af-south-1"),
          Map.entry("APE1", "ap-east-1"),
          Map.entry("APE2", "ap-east-2"),
          Map.entry("APN1", "ap-northeast-1"),
          Map.entry("APN2", "ap-northeast-2"),
          Map.entry("APN3", "ap-northeast-3"),
          Map.entry("APS1", "ap-southeast-1"),
          Map.entry("APS2", "ap-southeast-2"),
          Map.entry("APS3", "ap-south-1"),
          Map.entry("APS4", "ap-southeast-3"),
          Map.entry("APS5", "ap-south-2"),
          Map.entry("APS6", "ap-southeast-4"),
          Map.entry("APS7", "ap-southeast-5"),
          Map.entry("APS8", "ap-southeast-6"),
          Map.entry("APS9", "ap-southeast-7"),
          Map.entry("EU", "eu-west-1"),
          Map.entry("EUW1", "eu-west-1"),
          Map.entry("EUW2", "eu-west-2"),
          Map.entry("EUW3", "eu-west-3"),
          Map.entry("EUC1", "eu-central-1"),
          Map.entry("EUC2", "eu-central-2"),
          Map.entry("EUN1", "eu-north-1"),
          Map.entry("EUS1", "eu-south-1"),
          Map.entry("EUS2", "eu-south-2"),
          Map.entry("ILC1", "il-central-1"),
          Map.entry("MEC1", "me-central-1"),
          Map.entry("MES1", "me-south-1"));

  private RegionNames() {}

  /** The region of a usage type's prefix, as {@code APN1}; null if the prefix is not known. */
  static @Nullable String ofPrefix(String prefix) {
    return PREFIXES.get(prefix);
  }

  /** The code of a region such as {@code EU (Ireland)}; null if the name is not known. */
  static @Nullable String codeOf(String name) {
    return CODES.get(name);
  }
}
