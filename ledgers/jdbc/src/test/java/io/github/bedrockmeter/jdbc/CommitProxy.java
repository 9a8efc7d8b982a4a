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

/**
 * A loopback port in front of a PostgreSQL that lets commits arrive and loses their replies.
 *
 * <p>The FaultyProxy of all modules cannot do that: it does not look into requests, so it loses
 * either all replies from a moment on or none, and a transaction must get all replies but the last.
 * It cuts, delays and redirects connections for these tests, behind this one. Thread-safe.
 */
public final class CommitProxy implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final AtomicInteger commitsToLose = new AtomicInteger();
  private final AtomicInteger lostReplies = new AtomicInteger();
  private final int target;

  /** A proxy in front of a port of this machine. */
  public CommitProxy(int target) throws IOException {
    this.target = target;
    start(this::accept);
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "commit-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  /** Where clients connect. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Lets the next commits arrive, and cuts their connections instead of replying. */
  public void loseRepliesToCommits(int count) {
    commitsToLose.set(count);
  }

  /** How many replies were lost so far. */
  public int lostReplies() {
    return lostReplies.get();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        try {
          Link link = new Link(client, new Socket(InetAddress.getLoopbackAddress(), target));
          links.add(link);
          start(link::passRequests);
          start(link::passReplies);
        } catch (IOException unreachable) {
          client.close();
        }
      } catch (IOException closed) {
        // The loop's condition ends it.
      }
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    links.forEach(Link::cut);
  }

  private final class Link {
    private final Socket client;
    private final Socket database;
    private volatile boolean losing;

    Link(Socket client, Socket database) {
      this.client = client;
      this.database = database;
    }

    void passRequests() {
      byte[] buffer = new byte[65_536];
      try (InputStream in = client.getInputStream();
          OutputStream out = database.getOutputStream()) {
        for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
          String text = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
          if (commits(text) && commitsToLose.getAndUpdate(c -> Math.max(0, c - 1)) > 0) {
            losing = true;
          }
          out.write(buffer, 0, n);
        }
      } catch (IOException ended) {
        // Cut below.
      }
      cut();
    }

    /** A transaction's COMMIT, or a statement of the ledger that commits by itself. */
    private boolean commits(String text) {
      return text.contains("COMMIT") || text.contains("WITH request");
    }

    void passReplies() {
      byte[] buffer = new byte[65_536];
      try (InputStream in = database.getInputStream();
          OutputStream out = client.getOutputStream()) {
        for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
          if (losing) {
            lostReplies.incrementAndGet();
            break;
          }
          out.write(buffer, 0, n);
        }
      } catch (IOException ended) {
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
        // Closed or not, nothing passes it any more.
      }
    }
  }
}
