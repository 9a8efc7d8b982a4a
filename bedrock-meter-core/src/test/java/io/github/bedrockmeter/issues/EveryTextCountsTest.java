// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.issues;

import static org.assertj.core.api.Assertions.*;

import io.github.bedrockmeter.internal.request.Asked;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.bedrockruntime.model.*;

/** The bytes of all text, wherever Converse has a place for it. */
@SuppressWarnings("unchecked")
class EveryTextCountsTest {
  private static final String TEXT = "0123456789 ".repeat(100_000); // 1.1 MB

  private static long input(ConverseRequest.Builder request) {
    return Asked.of(request.modelId("anthropic.claude-x").build()).bound(1).inputTokens();
  }

  private static long input(ContentBlock block) {
    return input(
        ConverseRequest.builder().messages(m -> m.role(ConversationRole.USER).content(block)));
  }

  @Test
  void searchResultsCount() {
    assertThat(
            input(
                ContentBlock.builder()
                    .searchResult(s -> s.source("x").title("t").content(c -> c.text(TEXT)))
                    .build()))
        .isGreaterThanOrEqualTo(TEXT.length());
  }

  @Test
  void searchResultsOfAToolCount() {
    assertThat(
            input(
                ContentBlock.builder()
                    .toolResult(
                        r ->
                            r.toolUseId("1")
                                .content(
                                    c ->
                                        c.searchResult(
                                            s ->
                                                s.source("x")
                                                    .title("t")
                                                    .content(b -> b.text(TEXT)))))
                    .build()))
        .isGreaterThanOrEqualTo(TEXT.length());
  }

  @Test
  void citationsCount() {
    assertThat(
            input(
                ContentBlock.builder().citationsContent(c -> c.content(g -> g.text(TEXT))).build()))
        .isGreaterThanOrEqualTo(TEXT.length());
  }

  @Test
  void documentsGivenAsTextCount() {
    assertThat(
            input(
                ContentBlock.builder()
                    .document(d -> d.name("n").format("txt").source(s -> s.text(TEXT)))
                    .build()))
        .isGreaterThanOrEqualTo(TEXT.length());
  }

  @Test
  void theContextOfADocumentCounts() {
    assertThat(
            input(
                ContentBlock.builder()
                    .document(d -> d.name("n").context(TEXT).source(s -> s.text("x")))
                    .build()))
        .isGreaterThanOrEqualTo(TEXT.length());
  }

  @Test
  void guardedSystemTextCounts() {
    assertThat(
            input(
                ConverseRequest.builder()
                    .system(s -> s.guardContent(g -> g.text(t -> t.text(TEXT))))))
        .isGreaterThanOrEqualTo(TEXT.length());
  }
}
