// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.boot;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.userdetails.MapReactiveUserDetailsService;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;

/** A hundred users who log in with each request, and their browser. */
final class Users {
  static final int COUNT = 100;
  private static final HttpClient HTTP = client();

  private Users() {}

  private static HttpClient client() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  static String name(int number) {
    return "user-" + (1_000 + number % COUNT);
  }

  static CompletableFuture<HttpResponse<String>> send(String user, String url) {
    return HTTP.sendAsync(request(user, url).build(), BodyHandlers.ofString());
  }

  /** Over a connection of its own, which no server may have closed in the meantime. */
  static HttpResponse<String> get(String user, String url) throws Exception {
    return client().send(request(user, url).build(), BodyHandlers.ofString());
  }

  static HttpResponse<String> post(String user, String url, String json) throws Exception {
    return client()
        .send(
            request(user, url)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build(),
            BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(String user, String url) {
    String basic =
        Base64.getEncoder().encodeToString((user + ":x").getBytes(StandardCharsets.UTF_8));
    return HttpRequest.newBuilder(URI.create(url))
        .timeout(Duration.ofMinutes(2))
        .header("X-Team", "team-of-" + user)
        .header("Authorization", "Basic " + basic);
  }

  private static UserDetails[] all() {
    return IntStream.range(0, COUNT)
        .mapToObj(i -> User.withUsername(name(i)).password("x").roles("USER").build())
        .toArray(UserDetails[]::new);
  }

  /** As it is: the usual encoder would take most of the time of these tests. */
  private static final class PlainText implements PasswordEncoder {
    @Override
    public String encode(CharSequence password) {
      return password.toString();
    }

    @Override
    public boolean matches(CharSequence password, String encoded) {
      return encoded.contentEquals(password);
    }
  }

  /** Logins of servlets. */
  @Configuration(proxyBeanMethods = false)
  @EnableWebSecurity
  static class OfServlets {
    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
      return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
          .httpBasic(Customizer.withDefaults())
          .csrf(csrf -> csrf.disable())
          .build();
    }

    @Bean
    PasswordEncoder passwords() {
      return new PlainText();
    }

    @Bean
    UserDetailsService users() {
      return new InMemoryUserDetailsManager(all());
    }
  }

  /** Logins of WebFlux. */
  @Configuration(proxyBeanMethods = false)
  @EnableWebFluxSecurity
  static class OfWebFlux {
    @Bean
    SecurityWebFilterChain security(ServerHttpSecurity http) {
      return http.authorizeExchange(requests -> requests.anyExchange().authenticated())
          .httpBasic(Customizer.withDefaults())
          .csrf(csrf -> csrf.disable())
          .build();
    }

    @Bean
    PasswordEncoder passwords() {
      return new PlainText();
    }

    @Bean
    MapReactiveUserDetailsService users() {
      return new MapReactiveUserDetailsService(all());
    }
  }
}
