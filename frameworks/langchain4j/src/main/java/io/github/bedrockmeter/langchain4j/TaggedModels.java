// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.embedding.EmbeddingModel;
import io.github.bedrockmeter.call.Tags;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Tags the calls of a model whose client is metered, all rounds of its tools included:
 *
 * <pre>{@code
 * ChatModel model = TaggedModels.chat(
 *     BedrockChatModel.builder().client(meter.wrap(client)).modelId(modelId).build(),
 *     () -> Tags.of("user", currentUser()));
 * }</pre>
 *
 * <p>The tags are laid over those of the thread, as a scope's are. A supplier is asked at each
 * call, on the thread that makes it. A streaming model's handler runs on threads of the AWS SDK,
 * and so do the rounds of tools that it starts: they have the tags that the first round had, scopes
 * of the application included, and the supplier is not asked again. With {@link Tags#none} a
 * streaming model carries the application's own scopes, and adds nothing.
 *
 * <p>A denial arrives as the {@link io.github.bedrockmeter.budget.BudgetExceededException} itself,
 * which LangChain4j's models wrap. All else is the model's own. Stateless.
 */
/* Not a ChatModelListener: it is notified of a stream's end on a thread of the SDK, where the scope
 * that it opened for the caller's thread cannot be closed. */
public final class TaggedModels {
  private TaggedModels() {}

  /** The chat model, with these tags. */
  public static ChatModel chat(ChatModel model, Tags tags) {
    return chat(model, always(tags));
  }

  /** The chat model, with the tags that are supplied at each call. */
  public static ChatModel chat(ChatModel model, Supplier<Tags> tags) {
    return InScope.over(ChatModel.class, model, tags);
  }

  /** The streaming model, with these tags. */
  public static StreamingChatModel streaming(StreamingChatModel model, Tags tags) {
    return streaming(model, always(tags));
  }

  /** The streaming model, with the tags that are supplied at each call of the application. */
  public static StreamingChatModel streaming(StreamingChatModel model, Supplier<Tags> tags) {
    return InScope.over(StreamingChatModel.class, model, tags);
  }

  /** The embedding model, with these tags. */
  public static EmbeddingModel embedding(EmbeddingModel model, Tags tags) {
    return embedding(model, always(tags));
  }

  /** The embedding model, with the tags that are supplied at each call. */
  public static EmbeddingModel embedding(EmbeddingModel model, Supplier<Tags> tags) {
    return InScope.over(EmbeddingModel.class, model, tags);
  }

  private static Supplier<Tags> always(Tags tags) {
    Objects.requireNonNull(tags, "tags");
    return () -> tags;
  }
}
