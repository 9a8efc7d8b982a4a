// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

/**
 * Every place where the providers' JSON states what a call consumed. The providers' names do not
 * collide, so one table reads them all, and a model that its id does not show is read by its body.
 */
final class Shapes {
  private static final String METRICS = "amazon-bedrock-invocationMetrics.";
  private static final String TRACE = "amazon-bedrock-trace";

  /** The body of an InvokeModel response. */
  static final Shape BODY = body();

  /** A chunk of an InvokeModel stream: the same places and, besides, the text. */
  static final Shape CHUNK = chunk();

  /** The body of an InvokeModel or StartAsyncInvoke request, as far as it sets a price. */
  static final Shape REQUEST = RequestShapes.request();

  /** A chunk of a bidirectional stream. */
  static final Shape SESSION = session();

  private Shapes() {}

  /** A new shape of the body of an InvokeModel response, which may be added to. */
  static Shape body() {
    Shape body = new Shape();
    UsageShapes.usage(body, "usage.");
    body.word("model", Field.MODEL).word("service_tier", Field.TIER);

    // Llama
    body.last("prompt_token_count", Field.INPUT).last("generation_token_count", Field.OUTPUT);
    // Titan text, Titan embeddings
    body.last("inputTextTokenCount", Field.INPUT).sum("results[].tokenCount", Field.OUTPUT);
    // AI21 J2 lists its tokens instead of counting them
    body.each("prompt.tokens[]", Field.INPUT).each("completions[].data.tokens[]", Field.OUTPUT);
    // Cohere: what is billed, not "meta.tokens", which includes the prompt template
    billedUnits(body, "meta.billed_units.");

    // Tools that the provider ran: Anthropic, Nova, OpenAI
    tool(body, "content[]", "content[]");
    tool(body, "output.message.content[].toolUse", "output.message.content[].toolUse");
    body.tool("output[]", Field.TOOL).tool("output[].type", Field.TOOL_TYPE);

    body.each("images[]", Field.IMAGES).each("artifacts[]", Field.IMAGES);
    body.each("error", Field.IMAGE_ERROR);
    body.each("embedding", Field.EMBEDDINGS).each("embeddings", Field.EMBEDDINGS);
    body.each("results[].relevance_score", Field.RANKS);

    body.word("amazon-bedrock-guardrailAction", Field.GUARDRAIL_ACTION);
    for (Field.Policy policy : Field.POLICIES) {
      String units = ".invocationMetrics.usage." + policy.wireName();
      body.sum(TRACE + ".guardrail.input.*" + units, policy.field());
      body.sum(TRACE + ".guardrail.outputs[].*" + units, policy.field());
    }
    return body;
  }

  private static Shape chunk() {
    Shape chunk = body();
    chunk
        .last(METRICS + "inputTokenCount", Field.METRICS_INPUT)
        .last(METRICS + "outputTokenCount", Field.METRICS_OUTPUT)
        .last(METRICS + "cacheReadInputTokenCount", Field.METRICS_CACHE_READ)
        .last(METRICS + "cacheWriteInputTokenCount", Field.METRICS_CACHE_WRITE)
        .ignore("amazon-bedrock-invocationMetrics", "invocationLatency", "firstByteLatency")
        .strict("amazon-bedrock-invocationMetrics");

    // Anthropic: message_start nests the usage. Its output_tokens is where counting starts, never
    // the total, so it is not read. message_delta has "usage" at the top and overrides.
    UsageShapes.prompt(chunk, "message.usage.");
    chunk.ignore("message.usage", "output_tokens", "iterations", "output_tokens_details");
    chunk.word("message.model", Field.MODEL);
    UsageShapes.usage(chunk, "metadata.usage."); // Nova
    chunk.last("totalOutputTextTokenCount", Field.OUTPUT); // Titan
    UsageShapes.usage(chunk, "response.usage."); // OpenAI Responses
    billedUnits(chunk, "response.meta.billed_units."); // Cohere Command R
    tool(chunk, "content_block", "content_block");
    tool(chunk, "contentBlockStart.start.toolUse", "contentBlockStart.start.toolUse");
    chunk.tool("response.output[]", Field.TOOL).tool("response.output[].type", Field.TOOL_TYPE);

    // What comes with a provider's last chunk and with no other.
    chunk
        .each(TRACE, Field.ENDED)
        .each("stop_reason", Field.ENDED)
        .each("outputs[].stop_reason", Field.ENDED)
        .each("completionReason", Field.ENDED)
        .each("finish_reason", Field.ENDED)
        .each("metadata", Field.ENDED);

    for (String text :
        new String[] {
          "completion", // Anthropic legacy
          "delta.text", // Anthropic Messages
          "delta.thinking",
          "delta.partial_json",
          "contentBlockDelta.delta.text", // Nova
          "contentBlockDelta.delta.reasoningContent.reasoningText.text",
          "contentBlockDelta.delta.toolUse.input",
          "outputText", // Titan
          "generation", // Llama
          "outputs[].text", // Mistral
          "text", // Cohere
          "choices[].text", // OpenAI completions
          "choices[].delta.content",
          "choices[].delta.reasoning_content",
          "choices[].delta.tool_calls[].function.arguments",
          "choices[].message.content"
        }) {
      chunk.length(text, Field.DELIVERED_CHARACTERS);
    }
    return chunk;
  }

  private static Shape session() {
    String usage = "event.usageEvent.";
    return new Shape()
        .last(usage + "totalInputTokens", Field.SESSION_INPUT)
        .last(usage + "totalOutputTokens", Field.SESSION_OUTPUT)
        .last(usage + "details.total.input.textTokens", Field.INPUT)
        .last(usage + "details.total.output.textTokens", Field.OUTPUT)
        .last(usage + "details.total.input.speechTokens", Field.SPEECH_INPUT)
        .last(usage + "details.total.output.speechTokens", Field.SPEECH_OUTPUT)
        .length("event.textOutput.content", Field.DELIVERED_CHARACTERS);
  }

  private static void tool(Shape shape, String block, String at) {
    shape
        .tool(block, Field.TOOL)
        .tool(at + ".name", Field.TOOL_NAME)
        .tool(at + ".type", Field.TOOL_TYPE);
  }

  private static void billedUnits(Shape shape, String at) {
    shape
        .last(at + "input_tokens", Field.INPUT)
        .last(at + "output_tokens", Field.OUTPUT)
        .last(at + "search_units", Field.SEARCH_UNITS);
  }
}
