// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.benchmarks;

import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.testkit.CannedBedrock;
import java.time.Duration;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;

/**
 * A program that makes one call and ends, through the SDK's client as it is or a metered one; or
 * that loads the catalogue of prices beside a client. The last thing it does is to print the
 * processor time it took, in milliseconds, and those of loading the catalogue.
 */
final class ColdCall {
  private ColdCall() {}

  /**
   * Makes the call.
   *
   * @param args {@code plain}, {@code metered}, or {@code catalogue}
   */
  public static void main(String[] args) {
    BedrockRuntimeClient client = CannedBedrock.client();
    double catalogueMillis = 0;
    switch (args[0]) {
      case "plain" -> client.converse(Subject.request());
      case "metered" -> Subject.meter(true).wrap(client).converse(Subject.request());
      case "catalogue" -> {
        long start = System.nanoTime();
        PriceCatalog.bundled();
        catalogueMillis = (System.nanoTime() - start) / 1e6;
      }
      default -> throw new IllegalArgumentException("plain, metered or catalogue: " + args[0]);
    }
    Duration cpu = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    System.out.println(cpu.toMillis() + " " + catalogueMillis);
  }
}
