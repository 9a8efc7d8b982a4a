// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.frameworks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.bedrock.BedrockChatModel;
import dev.langchain4j.model.bedrock.BedrockCohereEmbeddingModel;
import dev.langchain4j.model.bedrock.BedrockStreamingChatModel;
import dev.langchain4j.model.bedrock.BedrockTitanEmbeddingModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.BudgetExceededException;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.langchain4j.TaggedModels;
import io.github.bedrockmeter.testkit.Reply;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** LangChain4j's own models, with tags: each call of each round is charged to the right user. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LangChain4jTagsTest {
  private static final String TITAN = "amazon.titan-embed-text-v2:0";
  private static final String COHERE = "cohere.embed-v4:0";

  /** What an application builds of them. */
  interface Assistant {
    String answer(String question);
  }

  /** The same, as a stream. */
  interface StreamingAssistant {
    TokenStream answer(String question);
  }

  /** The tool. */
  static final class Clock {
    @Tool
    String clock() {
      return "noon";
    }
  }

  @Test
  void allRoundsOfAChatHaveItsTags() {
    try (Scene scene = withTools(Scene.granting(3))) {
      Assistant assistant =
          AiServices.builder(Assistant.class)
              .chatModel(TaggedModels.chat(chatModel(scene), Tags.of("user", "ann")))
              .tools(new Clock())
              .build();

      assertThat(assistant.answer("What time is it?")).isEqualTo("one two three");

      assertCharged(scene, "user=ann", 3);
    }
  }

  @Test
  @SuppressWarnings("try") // the scope is used by being open
  void allRoundsOfAStreamHaveItsTagsAndThoseOfTheApplication() throws Exception {
    try (Scene scene = withTools(Scene.granting(6))) {
      AtomicInteger asked = new AtomicInteger();
      Supplier<Tags> user = () -> Tags.of("user", asked.getAndIncrement() == 0 ? "ann" : "bob");
      StreamingAssistant assistant = assistant(TaggedModels.streaming(streamingModel(scene), user));

      for (String feature : List.of("summary", "search")) {
        try (BedrockMeter.Scope scope = BedrockMeter.openScope(Tags.of("feature", feature))) {
          assertThat(answer(assistant).get(30, TimeUnit.SECONDS)).isEqualTo("one two three");
        }
      }

      assertCharged(scene, "feature=summary, user=ann", 3);
      assertCharged(scene, "feature=search, user=bob", 3);
      assertThat(asked).as("asked once for each answer").hasValue(2);
    }
  }

  /** Why the tags are set by a model around the model. */
  @Test
  void aListenerIsToldOfTheEndOfAStreamOnAnotherThreadThanOfItsBeginning() throws Exception {
    try (Scene scene = Scene.granting(1)) {
      List<Thread> threads = new CopyOnWriteArrayList<>();
      StreamingChatModel model =
          BedrockStreamingChatModel.builder()
              .client(scene.async)
              .modelId(Scene.MODEL)
              .listeners(
                  new ChatModelListener() {
                    @Override
                    public void onRequest(ChatModelRequestContext context) {
                      threads.add(Thread.currentThread());
                    }

                    @Override
                    public void onResponse(ChatModelResponseContext context) {
                      threads.add(Thread.currentThread());
                    }
                  })
              .build();

      answer(AiServices.builder(StreamingAssistant.class).streamingChatModel(model).build())
          .get(30, TimeUnit.SECONDS);

      assertThat(threads).hasSize(2);
      assertThat(threads.get(0)).isSameAs(Thread.currentThread());
      assertThat(threads.get(1)).isNotSameAs(Thread.currentThread());
    }
  }

  @Test
  void embeddingsAreMeteredAndTagged() {
    try (Scene scene = withEmbeddings(Scene.granting(3))) {
      EmbeddingModel titan =
          TaggedModels.embedding(titan(scene), Tags.of("user", "ann")).addListener(null);
      EmbeddingModel cohere = TaggedModels.embedding(cohere(scene), Tags.of("user", "bob"));

      assertThat(
              titan.embedAll(List.of(TextSegment.from("one"), TextSegment.from("two"))).content())
          .hasSize(2);
      assertThat(cohere.embed("three").content().dimension()).isEqualTo(3);

      assertCharged(scene, "user=ann", 2); // Titan takes one text with each call
      assertCharged(scene, "user=bob", 1);
      assertThat(scene.events.usages())
          .allSatisfy(event -> assertThat(event.usage().inputTokens()).isEqualTo(7));
    }
  }

  @Test
  void aDenialArrivesAsItselfOnceFromEachModel() {
    Tags tags = Tags.of("user", "ann");
    assertDenied(scene -> TaggedModels.chat(chatModel(scene), tags).chat("Hello"));
    assertDenied(scene -> TaggedModels.embedding(titan(scene), tags).embed("Hello"));
    assertDenied(scene -> TaggedModels.embedding(cohere(scene), tags).embed("Hello"));
    assertDenied(
        scene ->
            AiServices.builder(Assistant.class)
                .chatModel(TaggedModels.chat(chatModel(scene), tags))
                .build()
                .answer("Hello"));
    assertDenied(
        scene -> {
          try {
            answer(assistant(TaggedModels.streaming(streamingModel(scene), tags)))
                .get(30, TimeUnit.SECONDS);
          } catch (ExecutionException failed) {
            throw failed.getCause();
          }
        });
  }

  @Test
  void aDenialInALaterRoundOfAStreamArrivesAsItselfOnce() {
    try (Scene scene = withTools(Scene.granting(1))) {
      StreamingAssistant assistant =
          assistant(TaggedModels.streaming(streamingModel(scene), Tags.none()));

      Throwable failure = catchThrowable(() -> answer(assistant).get(30, TimeUnit.SECONDS));

      assertThat(failure).cause().isInstanceOf(BudgetExceededException.class);
      assertThat(scene.events.denials()).hasSize(1);
      assertThat(scene.bedrock.requests()).hasSize(1);
    }
  }

  @Test
  void aModelAnswersForItselfWhateverElseItIsAsked() {
    try (Scene scene = Scene.granting(1)) {
      BedrockChatModel model = chatModel(scene);
      ChatModel tagged = TaggedModels.chat(model, Tags.none());

      assertThat(tagged.provider()).isEqualTo(model.provider());
      assertThat(tagged.defaultRequestParameters()).isEqualTo(model.defaultRequestParameters());
      assertThat(tagged.equals(tagged)).isTrue();
      assertThat(tagged).isNotEqualTo(model);
      assertThat(tagged).hasToString(model.toString());
    }
  }

  /** A call of a model. */
  interface Call {
    void run(Scene scene) throws Throwable;
  }

  private static void assertDenied(Call call) {
    try (Scene scene = Scene.denying()) {
      Throwable failure = catchThrowable(() -> call.run(scene));

      assertThat(failure).isInstanceOf(BudgetExceededException.class);
      scene.assertDeniedOnce();
    }
  }

  private static void assertCharged(Scene scene, String tags, long calls) {
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(
                        scene.events.usages().stream()
                            .map(event -> event.call().tags().toString())
                            .filter(("{" + tags + "}")::equals))
                    .hasSize((int) calls));
  }

  private static Scene withTools(Scene scene) {
    scene.bedrock.on(Scene.MODEL).reply(request -> ToolRounds.answer(request, 2));
    return scene;
  }

  private static Scene withEmbeddings(Scene scene) {
    scene.bedrock.on(TITAN).reply(Reply.text("").inputTokens(7));
    scene
        .bedrock
        .on(COHERE)
        .reply(
            Reply.recorded(
                200,
                Map.of("Content-Type", "application/json", "X-Amzn-Bedrock-Input-Token-Count", "7"),
                "{\"embeddings\":{\"float\":[[0.25,-0.5,0.125]]}}"
                    .getBytes(StandardCharsets.UTF_8)));
    return scene;
  }

  private static CompletableFuture<String> answer(StreamingAssistant assistant) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    assistant
        .answer("What time is it?")
        .onCompleteResponse(response -> answer.complete(response.aiMessage().text()))
        .onError(answer::completeExceptionally)
        .start();
    return answer;
  }

  private static StreamingAssistant assistant(StreamingChatModel model) {
    return AiServices.builder(StreamingAssistant.class)
        .streamingChatModel(model)
        .tools(new Clock())
        .build();
  }

  private static BedrockChatModel chatModel(Scene scene) {
    return BedrockChatModel.builder().client(scene.client).modelId(Scene.MODEL).build();
  }

  private static BedrockStreamingChatModel streamingModel(Scene scene) {
    return BedrockStreamingChatModel.builder().client(scene.async).modelId(Scene.MODEL).build();
  }

  private static EmbeddingModel titan(Scene scene) {
    return BedrockTitanEmbeddingModel.builder().client(scene.client).model(TITAN).build();
  }

  private static EmbeddingModel cohere(Scene scene) {
    return BedrockCohereEmbeddingModel.builder()
        .client(scene.client)
        .model(COHERE)
        .inputType("search_query")
        .build();
  }
}
