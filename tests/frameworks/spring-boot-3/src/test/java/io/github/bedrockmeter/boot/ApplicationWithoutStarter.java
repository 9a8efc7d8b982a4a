// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * An application that knows nothing of the starter, and prints what it is: its beans with their
 * types, the events of its life in their order, and how a call, a stream and two failures end.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class ApplicationWithoutStarter {
  private static final String BUSY = "busy";

  /** In a JVM of its own. */
  public static void main(String[] arguments) {
    List<String> events = Collections.synchronizedList(new ArrayList<>());
    try (FakeBedrock bedrock = FakeBedrock.start()) {
      bedrock
          .onAnyModel()
          .reply(
              request ->
                  request.bodyText().contains(BUSY)
                      ? Reply.error(400, "ValidationException", "no")
                      : Reply.text("one two three"));
      System.setProperty("aws.endpointUrlBedrockRuntime", bedrock.endpoint().toString());
      SpringApplication application = new SpringApplication(ApplicationWithoutStarter.class);
      application.addListeners(
          (ApplicationListener<ApplicationEvent>)
              event -> events.add(event.getClass().getName() + " of " + source(event)));
      try (ConfigurableApplicationContext context = application.run(arguments)) {
        ChatClient chat = context.getBean(ChatClient.Builder.class).build();
        System.out.println("call: " + chat.prompt("Hello").call().content());
        System.out.println(
            "stream: " + String.join("", chat.prompt("Hello").stream().content().toIterable()));
        print("failed call: ", () -> chat.prompt(BUSY).call().content());
        print("failed stream: ", () -> chat.prompt(BUSY).stream().content().blockLast());
        for (String name : context.getBeanDefinitionNames()) {
          System.out.println("bean: " + name + " " + type(context, name));
        }
      }
      events.forEach(event -> System.out.println("event: " + event));
    }
  }

  private static String source(ApplicationEvent event) {
    return event.getSource().getClass().getSimpleName();
  }

  private static String type(ConfigurableApplicationContext context, String name) {
    Class<?> type = context.containsBean(name) ? context.getType(name) : null;
    return type == null ? "none" : type.getName().replaceAll("(\\$\\$|/0x|\\$Proxy).*", "");
  }

  private static void print(String what, Runnable call) {
    try {
      call.run();
      System.out.println(what + "none");
    } catch (RuntimeException failure) {
      StringBuilder causes = new StringBuilder();
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        String message = String.valueOf(cause.getMessage());
        causes
            .append(cause.getClass().getName())
            .append(": ")
            .append(message.replaceAll("Request ID: [^,)]*", "Request ID: ..."))
            .append(" | ");
      }
      System.out.println(what + causes);
    }
  }
}
