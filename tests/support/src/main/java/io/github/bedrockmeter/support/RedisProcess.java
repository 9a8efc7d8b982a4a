// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.support;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisServer;
import redis.embedded.core.RedisServerBuilder;

/**
 * A real Redis on a free port of this machine, with a folder of its own. It is 6.2, or the program
 * that the environment's {@code BEDROCKMETER_REDIS_SERVER} names: another version, or Valkey.
 * Confined to one thread.
 */
public final class RedisProcess implements AutoCloseable {
  private static final @Nullable String PROGRAM = System.getenv("BEDROCKMETER_REDIS_SERVER");

  private final int port;
  private final String[] settings;
  private final Path folder;
  private RedisServer server;

  private RedisProcess(String... settings) throws IOException {
    this.port = freePort();
    this.settings = settings;
    this.folder = Files.createTempDirectory("bedrock-meter-redis");
    this.server = launch();
  }

  /** A server that runs, with further lines of {@code redis.conf}. */
  public static RedisProcess start(String... settings) throws IOException {
    return new RedisProcess(settings);
  }

  /** A port below those that the system hands out, whose cluster bus, 10,000 above, is free too. */
  public static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(12_000, 22_000);
      if (isFree(port) && isFree(port + 10_000)) {
        return port;
      }
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  private RedisServer launch() throws IOException {
    RedisServerBuilder builder =
        RedisServer.newRedisServer()
            .port(port)
            .bind("127.0.0.1")
            .setting("dir " + folder)
            .setting("save \"\"");
    if (PROGRAM != null) {
      builder.executableProvider(() -> new File(PROGRAM));
    }
    for (String setting : settings) {
      builder.setting(setting);
    }
    RedisServer launched = builder.build();
    launched.start();
    return launched;
  }

  /** Where it listens, on the loopback interface. */
  public int port() {
    return port;
  }

  /** Where a client connects. */
  public RedisURI uri() {
    return RedisURI.create("127.0.0.1", port);
  }

  /**
   * Admits a user with the rights that docs/ledgers-redis.md gives, for one prefix.
   *
   * @param more further rights, each after a space
   */
  public void admit(String prefix, String more) {
    String line =
        "SETUSER meter on >secret resetkeys ~{"
            + prefix
            + "}:* -@all +hello +ping +evalsha +eval +time +hget +hset +hsetnx +hexists +hdel +hlen"
            + " +hmget +hgetall +hincrby +pexpireat +exists +get +set +zadd +zrem +zrange"
            + " +zrangebyscore"
            + more;
    CommandArgs<String, String> words = new CommandArgs<>(StringCodec.UTF8);
    for (String word : line.split(" ", -1)) {
      words.add(word);
    }
    try (RedisClient client = RedisClient.create(uri())) {
      client
          .connect()
          .sync()
          .dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), words);
    }
  }

  /** Where a client connects as the user of {@link #admit}. */
  public RedisURI uriOfAdmitted() {
    return RedisURI.builder(uri()).withAuthentication("meter", "secret").build();
  }

  /** Stops the server and keeps its folder. */
  public void stop() throws IOException {
    server.stop();
  }

  /** Starts the server again after {@link #stop}, on the same port and folder. */
  public void restart() throws IOException {
    server = launch();
  }

  @Override
  public void close() throws IOException {
    server.stop();
    try (Stream<Path> left = Files.walk(folder)) {
      for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
