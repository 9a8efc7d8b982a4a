// SPDX-License-Identifier: Apache-2.0
package com.example.cdi;

import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;

/** A Bedrock for the tests, which the SDK finds by the properties that it reads anyway. */
final class FakeAws {
  static final FakeBedrock BEDROCK = FakeBedrock.start();

  private FakeAws() {}

  static void use() {
    BEDROCK.onAnyModel().reply(Reply.text("Hello").inputTokens(10).outputTokens(20));
    System.setProperty("aws.region", "us-east-1");
    System.setProperty("aws.accessKeyId", "fake");
    System.setProperty("aws.secretAccessKey", "fake");
    System.setProperty("aws.endpointUrlBedrockRuntime", BEDROCK.endpoint().toString());
  }
}
