// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import static io.github.bedrockmeter.testkit.Answer.object;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The shapes of InvokeModel: what each family of models puts into its body and into the chunks of
 * its stream. Converse has one shape for all and is not here.
 */
enum ModelFamily {
  ANTHROPIC("anthropic.claude") {
    @Override
    ObjectNode body(Answer answer) {
      ObjectNode body = message(answer);
      body.putArray("content").addObject().put("type", "text").put("text", answer.text());
      body.put("stop_reason", answer.stopReasonOr("end_turn"));
      if (answer.usageReported()) {
        body.set("usage", usage(answer).put("output_tokens", answer.outputTokens()));
      }
      return body;
    }

    @Override
    List<Chunk> chunks(Answer answer) {
      List<Chunk> chunks = new ArrayList<>();
      ObjectNode start = message(answer);
      start.putArray("content");
      start.putNull("stop_reason");
      if (answer.usageReported()) {
        // A start value, never the total: real streams open with one token or a few.
        long started = Math.min(1, answer.outputTokens());
        start.set("usage", usage(answer).put("output_tokens", started));
      }
      chunks.add(other(event("message_start").set("message", start)));
      ObjectNode block = object().put("type", "text").put("text", "");
      chunks.add(other(event("content_block_start").put("index", 0).set("content_block", block)));
      for (String piece : answer.pieces()) {
        ObjectNode delta = object().put("type", "text_delta").put("text", piece);
        chunks.add(text(event("content_block_delta").put("index", 0).set("delta", delta)));
      }
      chunks.add(other(event("content_block_stop").put("index", 0)));
      ObjectNode stop = event("message_delta");
      stop.putObject("delta")
          .put("stop_reason", answer.stopReasonOr("end_turn"))
          .putNull("stop_sequence");
      if (answer.usageReported() && !answer.blockedInput()) {
        stop.putObject("usage").put("output_tokens", answer.outputTokens());
      }
      chunks.add(other(stop));
      chunks.add(other(event("message_stop")));
      return chunks;
    }

    private ObjectNode event(String type) {
      return object().put("type", type);
    }

    private ObjectNode message(Answer answer) {
      String name = answer.modelId().substring(answer.modelId().indexOf("claude"));
      return object()
          .put("id", answer.blockedInput() ? "bedrock-guardrails-fake" : "msg_bdrk_fake")
          .put("type", "message")
          .put("role", "assistant")
          .put("model", name.replaceFirst("(-v\\d+)?(:\\d+)?$", ""))
          .putNull("stop_sequence");
    }

    private ObjectNode usage(Answer answer) {
      ObjectNode usage = object().put("input_tokens", answer.inputTokens());
      if (answer.cacheWriteTokens() != null) {
        usage.put("cache_creation_input_tokens", answer.cacheWriteTokens());
      }
      if (answer.cacheReadTokens() != null) {
        usage.put("cache_read_input_tokens", answer.cacheReadTokens());
      }
      if (!answer.cacheWriteByTtl().isEmpty()) {
        usage
            .putObject("cache_creation")
            .put("ephemeral_5m_input_tokens", answer.cacheWriteByTtl().getOrDefault("5m", 0L))
            .put("ephemeral_1h_input_tokens", answer.cacheWriteByTtl().getOrDefault("1h", 0L));
      }
      return usage;
    }
  },

  NOVA("amazon.nova") {
    @Override
    ObjectNode body(Answer answer) {
      ObjectNode body = object();
      ObjectNode message = body.putObject("output").putObject("message").put("role", "assistant");
      message.putArray("content").addObject().put("text", answer.text());
      body.put("stopReason", answer.stopReasonOr("end_turn"));
      if (answer.usageReported()) {
        body.set("usage", usage(answer).put("totalTokens", answer.totalTokens()));
      }
      return body;
    }

    @Override
    List<Chunk> chunks(Answer answer) {
      List<Chunk> chunks = new ArrayList<>();
      ObjectNode start = object();
      start.putObject("messageStart").put("role", "assistant");
      chunks.add(other(start));
      for (String piece : answer.pieces()) {
        ObjectNode delta = object();
        delta
            .putObject("contentBlockDelta")
            .put("contentBlockIndex", 0)
            .putObject("delta")
            .put("text", piece);
        chunks.add(text(delta));
      }
      ObjectNode blockStop = object();
      blockStop.putObject("contentBlockStop").put("contentBlockIndex", 0);
      chunks.add(other(blockStop));
      ObjectNode stop = object();
      stop.putObject("messageStop").put("stopReason", answer.stopReasonOr("end_turn"));
      chunks.add(other(stop));
      ObjectNode last = object();
      ObjectNode metadata = last.putObject("metadata");
      if (answer.usageReported()) {
        metadata.set("usage", usage(answer));
      }
      metadata.putObject("metrics");
      chunks.add(other(last));
      return chunks;
    }

    private ObjectNode usage(Answer answer) {
      ObjectNode usage =
          object()
              .put("inputTokens", answer.inputTokens())
              .put("outputTokens", answer.outputTokens());
      putCounts(usage, "cacheReadInputTokenCount", "cacheWriteInputTokenCount", answer);
      return usage;
    }
  },

  TITAN_TEXT("amazon.titan-text") {
    @Override
    ObjectNode body(Answer answer) {
      ObjectNode body = object();
      ObjectNode result = object().put("outputText", answer.text());
      if (answer.usageReported()) {
        body.put("inputTextTokenCount", answer.inputTokens());
        result.put("tokenCount", answer.outputTokens());
      }
      result.put("completionReason", answer.stopReasonOr("FINISH"));
      body.putArray("results").add(result);
      return body;
    }

    @Override
    List<Chunk> chunks(Answer answer) {
      List<Chunk> chunks = new ArrayList<>();
      for (String piece : answer.pieces()) {
        ObjectNode chunk = chunk(piece);
        if (chunks.isEmpty() && answer.usageReported()) {
          chunk.put("inputTextTokenCount", answer.inputTokens());
        }
        chunks.add(text(chunk));
      }
      ObjectNode last = chunk("").put("completionReason", answer.stopReasonOr("FINISH"));
      if (answer.usageReported()) {
        last.put("totalOutputTextTokenCount", answer.outputTokens());
      }
      chunks.add(other(last));
      return chunks;
    }

    private ObjectNode chunk(String text) {
      return object()
          .put("outputText", text)
          .put("index", 0)
          .putNull("totalOutputTextTokenCount")
          .putNull("completionReason")
          .putNull("inputTextTokenCount");
    }
  },

  TITAN_EMBEDDINGS("amazon.titan-embed") {
    @Override
    ObjectNode body(Answer answer) {
      ObjectNode body = object();
      body.putArray("embedding").add(0.25).add(-0.5).add(0.125);
      if (answer.usageReported()) {
        body.put("inputTextTokenCount", answer.inputTokens());
      }
      return body;
    }

    @Override
    boolean hasOutputTokens() {
      return false;
    }

    @Override
    List<Chunk> chunks(Answer answer) {
      return List.of(other(body(answer)));
    }
  },

  LLAMA("meta.llama") {
    @Override
    ObjectNode body(Answer answer) {
      ObjectNode body = object().put("generation", answer.text());
      if (answer.blockedInput()) {
        return body; // as recorded: neither counts nor a stop reason
      }
      if (answer.usageReported()) {
        body.put("prompt_token_count", answer.inputTokens())
            .put("generation_token_count", answer.outputTokens());
      }
      return body.put("stop_reason", answer.stopReasonOr("stop"));
    }

    @Override
    List<Chunk> chunks(Answer answer) {
      List<Chunk> chunks = new ArrayList<>();
      for (String piece : answer.pieces()) {
        ObjectNode chunk = chunk(answer, piece, chunks.size() + 1);
        if (chunks.isEmpty() && answer.usageReported()) {
          chunk.put("prompt_token_count", answer.inputTokens());
        }
        chunks.add(text(chunk.putNull("stop_reason")));
      }
      ObjectNode last = chunk(answer, "", answer.pieces().size());
      chunks.add(other(last.put("stop_reason", answer.stopReasonOr("stop"))));
      return chunks;
    }

    private ObjectNode chunk(Answer answer, String text, int produced) {
      ObjectNode chunk = object().put("generation", text).putNull("prompt_token_count");
      return answer.usageReported()
          ? chunk.put("generation_token_count", answer.outputTokensAfter(produced))
          : chunk;
    }
  },

  CHAT_COMPLETIONS("") {
    @Override
    ObjectNode body(Answer answer) {
      ObjectNode body = object().put("id", "chatcmpl-fake");
      ObjectNode choice = body.putArray("choices").addObject().put("index", 0);
      choice.putObject("message").put("role", "assistant").put("content", answer.text());
      choice.put("finish_reason", answer.stopReasonOr("stop"));
      if (answer.usageReported()) {
        body.set("usage", usage(answer));
      }
      return body;
    }

    @Override
    List<Chunk> chunks(Answer answer) {
      List<Chunk> chunks = new ArrayList<>();
      for (String piece : answer.pieces()) {
        ObjectNode chunk = object().put("id", "chatcmpl-fake");
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.putObject("delta").put("content", piece);
        choice.putNull("finish_reason");
        chunks.add(text(chunk));
      }
      ObjectNode last = object().put("id", "chatcmpl-fake");
      ObjectNode choice = last.putArray("choices").addObject().put("index", 0);
      choice.putObject("delta").put("content", "");
      choice.put("finish_reason", answer.stopReasonOr("stop"));
      if (answer.usageReported()) {
        last.set("usage", usage(answer));
      }
      chunks.add(other(last));
      return chunks;
    }

    private ObjectNode usage(Answer answer) {
      // This API alone counts cached tokens as part of the prompt.
      long prompt = answer.inputTokens() + answer.cachedTokens();
      ObjectNode usage =
          object()
              .put("prompt_tokens", prompt)
              .put("completion_tokens", answer.outputTokens())
              .put("total_tokens", answer.totalTokens());
      if (answer.cacheReadTokens() != null) {
        usage.putObject("prompt_tokens_details").put("cached_tokens", answer.cacheReadTokens());
      }
      return usage;
    }
  };

  /**
   * One chunk of a stream.
   *
   * @param text whether it is one of the text deltas a reply counts
   */
  record Chunk(ObjectNode json, boolean text) {}

  private final String marker;

  ModelFamily(String marker) {
    this.marker = marker;
  }

  /** The first family whose marker the id contains; an id without one means chat completions. */
  static ModelFamily of(String modelId) {
    for (ModelFamily family : values()) {
      if (modelId.contains(family.marker)) {
        return family;
      }
    }
    return CHAT_COMPLETIONS;
  }

  abstract ObjectNode body(Answer answer);

  /** The chunks in order, without the invocation metrics that Bedrock adds to the last one. */
  abstract List<Chunk> chunks(Answer answer);

  boolean hasOutputTokens() {
    return true;
  }

  private static Chunk text(ObjectNode json) {
    return new Chunk(json, true);
  }

  private static Chunk other(ObjectNode json) {
    return new Chunk(json, false);
  }

  /** Writes the cache counts the answer has under the names this place gives them. */
  static void putCounts(ObjectNode target, String readName, String writeName, Answer answer) {
    if (answer.cacheReadTokens() != null) {
      target.put(readName, answer.cacheReadTokens());
    }
    if (answer.cacheWriteTokens() != null) {
      target.put(writeName, answer.cacheWriteTokens());
    }
  }
}
