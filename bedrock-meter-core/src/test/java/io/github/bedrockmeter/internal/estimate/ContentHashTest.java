// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseTokensRequest;
import software.amazon.awssdk.services.bedrockruntime.model.CountTokensRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ImageFormat;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.SystemContentBlock;

class ContentHashTest {

  private static String hash(String model, Consumer<ConverseTokensRequest.Builder> content) {
    return ContentHash.of(
        CountTokensRequest.builder().modelId(model).input(i -> i.converse(content)).build());
  }

  private static String hash(ContentBlock... content) {
    return hash(ConversationRole.USER, content);
  }

  private static String hash(ConversationRole role, ContentBlock... content) {
    return hash(
        "model", c -> c.messages(Message.builder().role(role).content(List.of(content)).build()));
  }

  private static String hash(Document fields) {
    return hash("model", c -> c.additionalModelRequestFields(fields));
  }

  private static ContentBlock text(String text) {
    return ContentBlock.fromText(text);
  }

  private static ContentBlock image(int... bytes) {
    byte[] image = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      image[i] = (byte) bytes[i];
    }
    return ContentBlock.fromImage(
        i -> i.format(ImageFormat.PNG).source(s -> s.bytes(SdkBytes.fromByteArray(image))));
  }

  @Test
  void equalContentsHashAlike() {
    assertThat(hash(text("a"), image(1, 2))).isEqualTo(hash(text("a"), image(1, 2))).hasSize(64);
    assertThat(hash(Document.mapBuilder().putNumber("k", 1).build()))
        .isEqualTo(hash(Document.mapBuilder().putNumber("k", 1).build()));
  }

  @Test
  void differentContentsHashApart() {
    assertThat(
            List.of(
                hash(text("ab"), text("c")),
                hash(text("a"), text("bc")),
                hash(text("abc")),
                hash(ConversationRole.ASSISTANT, text("abc")),
                hash(text("abc"), image(1, 2)),
                hash(text("abc"), image(2, 1)),
                hash("model", c -> {}),
                hash("model", c -> c.system(SystemContentBlock.fromText("abc"))),
                hash("other", c -> {}),
                hash(Document.mapBuilder().putNumber("k", 1).build()),
                hash(Document.mapBuilder().putString("k", "1").build()),
                hash(Document.mapBuilder().putList("k", List.of(Document.fromNumber(1))).build())))
        .doesNotHaveDuplicates();
  }
}
