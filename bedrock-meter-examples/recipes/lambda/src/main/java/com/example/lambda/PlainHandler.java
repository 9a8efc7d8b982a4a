// SPDX-License-Identifier: Apache-2.0
package com.example.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.Map;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** The same without a meter, to compare the cold start with. */
public final class PlainHandler
    implements RequestHandler<Map<String, String>, Map<String, Object>> {
  private static final BedrockRuntimeClient CLIENT =
      BedrockRuntimeClient.builder()
          .httpClientBuilder(UrlConnectionHttpClient.builder())
          .build();

  @Override
  public Map<String, Object> handleRequest(Map<String, String> event, Context context) {
    Message question =
        Message.builder()
            .role(ConversationRole.USER)
            .content(ContentBlock.fromText(event.get("question")))
            .build();
    String answer =
        CLIENT
            .converse(request -> request.modelId("amazon.nova-lite-v1:0").messages(question))
            .output()
            .message()
            .content()
            .get(0)
            .text();
    return Map.of("statusCode", 200, "body", answer);
  }
}
