// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.apps.agent;

import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Scripts a model that is never sure: it answers each question with one more search. */
final class RestlessModel {
  static final String ID = "anthropic.claude-sonnet-4-6";

  private RestlessModel() {}

  /**
   * Makes FakeBedrock answer so. Each turn carries the ones before it, so its prompt grows, as an
   * agent's does.
   */
  static void script(FakeBedrock bedrock) {
    AtomicInteger turns = new AtomicInteger();
    bedrock
        .on(ID)
        .reply(
            request -> {
              int turn = turns.incrementAndGet();
              int input = request.body().length / 4;
              return Reply.recorded(
                  200,
                  Map.of("Content-Type", "application/json"),
                  """
                  {"output": {"message": {"role": "assistant", "content": [
                     {"text": "I am not sure yet."},
                     {"toolUse": {"toolUseId": "t%d", "name": "search", "input": {"query": "evidence, part %d"}}}]}},
                   "stopReason": "tool_use",
                   "usage": {"inputTokens": %d, "outputTokens": 60, "totalTokens": %d},
                   "metrics": {"latencyMs": 20}}"""
                      .formatted(turn, turn, input, input + 60)
                      .getBytes(StandardCharsets.UTF_8));
            });
  }
}
