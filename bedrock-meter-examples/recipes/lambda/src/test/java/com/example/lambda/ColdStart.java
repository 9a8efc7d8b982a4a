// SPDX-License-Identifier: Apache-2.0
package com.example.lambda;

import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.lang.management.ManagementFactory;
import java.util.Map;

/** One cold start: makes the handler that it is given the name of, and asks it once. */
public final class ColdStart {
  private ColdStart() {}

  /** Prints the answer, and the milliseconds of CPU that the process has used until then. */
  public static void main(String[] args) throws Exception {
    @SuppressWarnings("unchecked") // both handlers are of this type
    var handler =
        (RequestHandler<Map<String, String>, Map<String, Object>>)
            Class.forName(args[0]).getDeclaredConstructor().newInstance();
    Map<String, Object> answer = handler.handleRequest(Map.of("user", "ann", "question", "Hi"), null);
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    System.out.println(answer.get("body") + " " + system.getProcessCpuTime() / 1_000_000);
  }
}
