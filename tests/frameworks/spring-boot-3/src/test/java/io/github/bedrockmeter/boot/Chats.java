// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import java.security.Principal;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Controllers that chat, each on threads of another kind; the prompt names the user. */
final class Chats {
  private Chats() {}

  private static ChatClient.ChatClientRequestSpec prompt(ChatClient chat, Principal user) {
    return chat.prompt("I am <" + user.getName() + ">");
  }

  /** A servlet application. */
  @Configuration(proxyBeanMethods = false)
  @EnableAsync
  @Import(Users.OfServlets.class)
  static class OnServlets {
    @Bean
    OnOtherThreads onOtherThreads(ChatClient.Builder chat) {
      return new OnOtherThreads(chat.build());
    }

    @Bean
    ServletController controller(ChatClient.Builder chat, OnOtherThreads others) {
      return new ServletController(chat.build(), others);
    }

    @Bean
    org.springframework.web.servlet.function.RouterFunction<
            org.springframework.web.servlet.function.ServerResponse>
        functional(ChatClient.Builder builder) {
      ChatClient chat = builder.build();
      return org.springframework.web.servlet.function.RouterFunctions.route()
          .GET(
              "/functional",
              request ->
                  org.springframework.web.servlet.function.ServerResponse.ok()
                      .body(prompt(chat, request.principal().orElseThrow()).call().content()))
          .build();
    }
  }

  /** A service with an {@code Async} method. */
  static class OnOtherThreads {
    private final ChatClient chat;

    OnOtherThreads(ChatClient chat) {
      this.chat = chat;
    }

    @Async
    public CompletableFuture<String> ask(String user) {
      return CompletableFuture.completedFuture(chat.prompt("I am <" + user + ">").call().content());
    }
  }

  /** Its controller. */
  @RestController
  static class ServletController {
    private final ChatClient chat;
    private final OnOtherThreads others;

    ServletController(ChatClient chat, OnOtherThreads others) {
      this.chat = chat;
      this.others = others;
    }

    @GetMapping("/plain")
    String plain(Principal user) {
      return prompt(chat, user).call().content();
    }

    @GetMapping("/callable")
    Callable<String> callable(Principal user) {
      return () -> prompt(chat, user).call().content();
    }

    @GetMapping("/async")
    CompletableFuture<String> async(Principal user) {
      return others.ask(user.getName());
    }

    @GetMapping("/stream")
    Flux<String> stream(Principal user) {
      return prompt(chat, user).tools(new ToolRounds.Clock()).stream().content();
    }
  }

  /** An application of WebFlux. */
  @Configuration(proxyBeanMethods = false)
  @Import(Users.OfWebFlux.class)
  static class OnWebFlux {
    @Bean
    WebFluxController controller(ChatClient.Builder chat) {
      return new WebFluxController(chat.build());
    }

    @Bean
    RouterFunction<ServerResponse> functional(ChatClient.Builder builder) {
      ChatClient chat = builder.build();
      return RouterFunctions.route()
          .GET(
              "/functional",
              request ->
                  request
                      .principal()
                      .flatMap(
                          user ->
                              Mono.fromCallable(() -> prompt(chat, user).call().content())
                                  .subscribeOn(Schedulers.boundedElastic()))
                      .flatMap(text -> ServerResponse.ok().bodyValue(text)))
          .GET(
              "/functional-stream",
              request ->
                  ServerResponse.ok()
                      .contentType(MediaType.TEXT_PLAIN)
                      .body(
                          request
                              .principal()
                              .flatMapMany(
                                  user ->
                                      prompt(chat, user).tools(new ToolRounds.Clock()).stream()
                                          .content()),
                          String.class))
          .build();
    }
  }

  /** Its controller. */
  @RestController
  static class WebFluxController {
    private final ChatClient chat;

    WebFluxController(ChatClient chat) {
      this.chat = chat;
    }

    @GetMapping("/stream")
    Flux<String> stream(Principal user) {
      return prompt(chat, user).tools(new ToolRounds.Clock()).stream().content();
    }

    @GetMapping("/blocking")
    Mono<String> blocking(Principal user) {
      return Mono.fromCallable(() -> prompt(chat, user).call().content())
          .subscribeOn(Schedulers.boundedElastic());
    }
  }
}
