// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A loopback port in front of another that cuts connections, delays and loses replies. */
final class FaultyProxy implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final AtomicInteger commitsToLose = new AtomicInteger();
  private final AtomicInteger lostReplies = new AtomicInteger();
  private volatile int target;
  private volatile long delayMillis;

  FaultyProxy(int target) throws IOException {
    this.target = target;
    start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Leads connections to another port from now on. */
  void target(int port) {
    target = port;
  }

  /** Keeps back each reply for so long. */
  void delay(long millis) {
    delayMillis = millis;
  }

  /** Cuts all connections. */
  void cut() {
    links.forEach(Link::cut);
  }

  /** Lets the next commits arrive, and cuts their connections instead of replying. */
  void loseRepliesToCommits(int count) {
    commitsToLose.set(count);
  }

  /** How many replies were lost so far. */
  int lostReplies() {
    return lostReplies.get();
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "faulty-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        try {
          Link link = new Link(client, new Socket(InetAddress.getLoopbackAddress(), target));
          links.add(link);
          start(link::requests);
          start(link::replies);
        } catch (IOException unreachable) {
          client.close();
        }
      } catch (IOException closed) {
        // The loop's condition tells.
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }

  private final class Link {
    private final Socket client;
    private final Socket database;
    private volatile boolean losing;

    Link(Socket client, Socket database) {
      this.client = client;
      this.database = database;
    }

    void requests() {
      byte[] buffer = new byte[65_536];
      try (InputStream in = client.getInputStream();
          OutputStream out = database.getOutputStream()) {
        for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
          String text = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
          if (text.contains("COMMIT") && commitsToLose.getAndUpdate(c -> Math.max(0, c - 1)) > 0) {
            losing = true;
          }
          out.write(buffer, 0, n);
        }
      } catch (IOException ended) {
        // Cut below.
      }
      cut();
    }

    void replies() {
      byte[] buffer = new byte[65_536];
      try (InputStream in = database.getInputStream();
          OutputStream out = client.getOutputStream()) {
        for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
          if (losing) {
            lostReplies.incrementAndGet();
            break;
          }
          if (delayMillis > 0) {
            Thread.sleep(delayMillis);
          }
          out.write(buffer, 0, n);
        }
      } catch (IOException | InterruptedException ended) {
        // Cut below.
      }
      cut();
    }

    void cut() {
      links.remove(this);
      try {
        client.close();
        database.close();
      } catch (IOException ignored) {
        // It is as good as cut.
      }
    }
  }
}
