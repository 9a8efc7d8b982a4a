// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.attach;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.Callable;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** Runs code as an application does that has a class loader of its own. */
final class Applications {
  private static final Message HELLO =
      Message.builder().role(ConversationRole.USER).content(ContentBlock.fromText("Hello")).build();

  private Applications() {}

  /** Makes one call. */
  static void call(BedrockRuntimeClient client) {
    client.converse(request -> request.modelId("amazon.nova-lite-v1:0").messages(HELLO));
  }

  /** A class loader below this one's, which finds these resources too. */
  static ClassLoader over(URL... resources) {
    return new URLClassLoader(resources, Applications.class.getClassLoader());
  }

  static <T> T in(ClassLoader application, Callable<T> work) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(application);
    try {
      return work.call();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
