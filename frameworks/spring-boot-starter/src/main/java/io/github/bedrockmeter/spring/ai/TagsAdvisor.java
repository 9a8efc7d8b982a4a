// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.ai;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.spring.tags.TagsAccessor;
import java.util.Objects;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.client.advisor.api.CallAdvisor;
import org.springframework.ai.chat.client.advisor.api.CallAdvisorChain;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisor;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisorChain;
import org.springframework.core.Ordered;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/**
 * Tags every call that a prompt of a chat client makes, tool rounds included:
 *
 * <pre>{@code
 * chatClient.prompt().user(question).advisors(TagsAdvisor.of("user", name)).call().content();
 * }</pre>
 *
 * <p>Its tags are laid over those of the thread, as a scope's are. The rounds of a stream after its
 * first run on Reactor's threads: they have the tags where {@code
 * spring.reactor.context-propagation=auto}. Immutable and thread-safe.
 */
public final class TagsAdvisor implements CallAdvisor, StreamAdvisor {
  private final Tags tags;

  private TagsAdvisor(Tags tags) {
    this.tags = Objects.requireNonNull(tags, "tags");
  }

  /** An advisor with these tags. */
  public static TagsAdvisor of(Tags tags) {
    return new TagsAdvisor(tags);
  }

  /** An advisor with tags from names and values in turn. */
  public static TagsAdvisor of(String... namesAndValues) {
    return new TagsAdvisor(Tags.of(namesAndValues));
  }

  @Override
  public String getName() {
    return "bedrock-meter tags";
  }

  /** First of all, so that the calls of other advisors are tagged too. */
  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }

  @Override
  @SuppressWarnings("try") // the scope is open while the chain runs
  public ChatClientResponse adviseCall(ChatClientRequest request, CallAdvisorChain chain) {
    try (BedrockMeter.Scope scope = BedrockMeter.openScope(tags)) {
      return chain.nextCall(request);
    }
  }

  @Override
  public Flux<ChatClientResponse> adviseStream(
      ChatClientRequest request, StreamAdvisorChain chain) {
    return new InScope(request, chain)
        .contextWrite(
            context ->
                context.put(
                    TagsAccessor.KEY,
                    tags.over(context.getOrDefault(TagsAccessor.KEY, BedrockMeter.currentTags()))));
  }

  /** The first round is sent while the stream is subscribed to, on the subscriber's thread. */
  private final class InScope extends Flux<ChatClientResponse> {
    private final ChatClientRequest request;
    private final StreamAdvisorChain chain;

    InScope(ChatClientRequest request, StreamAdvisorChain chain) {
      this.request = request;
      this.chain = chain;
    }

    @Override
    @SuppressWarnings("try") // the scope is open while the stream is subscribed to
    public void subscribe(CoreSubscriber<? super ChatClientResponse> subscriber) {
      try (BedrockMeter.Scope scope = BedrockMeter.openScope(tags)) {
        chain.nextStream(request).subscribe(subscriber);
      }
    }
  }
}
