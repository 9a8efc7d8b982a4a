// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Answers every command with one error, except those by which Lettuce connects: errors that a real
 * server gives at moments that a test cannot bring about. Thread-safe, with a daemon thread for
 * each connection.
 */
final class ScriptedRedis implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final String error;

  private ScriptedRedis(String error) throws IOException {
    this.error = error;
    daemon(this::accept);
  }

  static ScriptedRedis failing(String error) throws IOException {
    return new ScriptedRedis(error);
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "scripted-redis");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        daemon(() -> answer(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void answer(Socket client) {
    try (client;
        BufferedReader commands =
            new BufferedReader(
                new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = commands.readLine()) != null) {
        int words = Integer.parseInt(line.substring(1));
        String command = "";
        for (int i = 0; i < words; i++) {
          commands.readLine(); // its length; no word of these tests has a line break but scripts
          String word = word(commands);
          command = i == 0 ? word : command;
        }
        String reply = command.startsWith("EVAL") ? "-" + error : "+OK";
        client.getOutputStream().write((reply + "\r\n").getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException closed) {
      // by the client
    }
  }

  /** Up to CR LF; a script has LF alone. */
  private static String word(BufferedReader commands) throws IOException {
    StringBuilder word = new StringBuilder();
    int c;
    while ((c = commands.read()) != '\r' && c != -1) {
      word.append((char) c);
    }
    commands.read();
    return word.toString();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
