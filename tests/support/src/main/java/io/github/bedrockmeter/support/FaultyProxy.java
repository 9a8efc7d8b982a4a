// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.support;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A TCP proxy on the loopback interface in front of a server there: it cuts connections, delays
 * replies and swallows them, so that a client does not learn what the server did. Thread-safe; with
 * two daemon threads for each connection.
 */
public final class FaultyProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final ScheduledExecutorService replies =
      Executors.newSingleThreadScheduledExecutor(FaultyProxy::daemon);
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private volatile int target;
  private volatile boolean refusing;
  private volatile boolean swallowing;
  private volatile Duration delay = Duration.ZERO;

  private FaultyProxy(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept).start();
  }

  /** A proxy that passes everything on to a port of this machine, until a test changes that. */
  public static FaultyProxy to(int port) throws IOException {
    return new FaultyProxy(port);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "faulty-proxy");
    thread.setDaemon(true);
    return thread;
  }

  /** Where clients connect. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Leads new connections to another port; those that are open stay where they are. */
  public void target(int port) {
    target = port;
  }

  /** Delays every reply from now on, in order, as a slow network does. */
  public void delayReplies(Duration delay) {
    this.delay = delay;
  }

  /**
   * Drops every reply from now on, while requests still reach the server. A connection that lost a
   * reply passes none any more, whatever is said here later, until it is {@link #cut}.
   */
  public void swallowReplies(boolean swallowing) {
    this.swallowing = swallowing;
  }

  /**
   * Forgets every connection that is open, as a relay does that was idle for too long: what is sent
   * on it is taken and goes nowhere, and nothing comes back, not even its end. New ones work.
   */
  public void forget() {
    connections.forEach(connection -> connection.forgotten = true);
  }

  /** Closes new connections as soon as they are made; those that are open stay. */
  public void refuse(boolean refusing) {
    this.refusing = refusing;
  }

  /** Closes every connection that is open, in both directions; replies under way are lost. */
  public void cut() {
    connections.forEach(Connection::close);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
    replies.shutdownNow();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        if (refusing || !connect(client)) {
          client.close();
        }
      } catch (IOException closed) {
        cut();
      }
    }
  }

  /** Connects a client with the server. Returns whether there is one. */
  private boolean connect(Socket client) throws IOException {
    Socket server;
    try {
      server = new Socket(InetAddress.getLoopbackAddress(), target);
    } catch (ConnectException refused) {
      return false;
    }
    Connection connection = new Connection(client, server);
    connections.add(connection);
    daemon(connection::passRequests).start();
    daemon(connection::passReplies).start();
    return true;
  }

  /** One client's way to the server and back; whichever end goes first takes the other along. */
  private final class Connection {
    private static final byte[] END = {};

    private final Socket client;
    private final Socket server;
    private final Queue<byte[]> underWay = new ConcurrentLinkedQueue<>();
    private volatile boolean forgotten;

    Connection(Socket client, Socket server) throws IOException {
      this.client = client;
      this.server = server;
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
    }

    void passRequests() {
      try {
        byte[] buffer = new byte[8_192];
        InputStream in = client.getInputStream();
        for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
          if (!forgotten) {
            server.getOutputStream().write(buffer, 0, length);
          }
        }
      } catch (IOException gone) {
        // Closed below, as at a regular end.
      }
      close();
    }

    void passReplies() {
      byte[] buffer = new byte[8_192];
      long due = System.nanoTime();
      boolean lost = false;
      try {
        InputStream in = server.getInputStream();
        for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
          long now = System.nanoTime();
          due = Math.max(due, now + delay.toNanos());
          lost |= swallowing || forgotten;
          if (!lost) {
            pass(Arrays.copyOf(buffer, length), due - now);
          }
        }
        pass(END, due - System.nanoTime());
      } catch (IOException gone) {
        close();
      }
    }

    private void pass(byte[] reply, long nanos) {
      underWay.add(reply);
      replies.schedule(this::sendNext, nanos, TimeUnit.NANOSECONDS);
    }

    private void sendNext() {
      byte[] reply = underWay.remove();
      try {
        if (reply == END) {
          close();
        } else {
          client.getOutputStream().write(reply);
        }
      } catch (IOException gone) {
        close();
      }
    }

    void close() {
      connections.remove(this);
      try (client) {
        server.close();
      } catch (IOException gone) {
        // As it should be.
      }
    }
  }
}
