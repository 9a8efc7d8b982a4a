// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisChannelWriter;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.protocol.CommandExpiryWriter;
import io.lettuce.core.protocol.DefaultEndpoint;

/**
 * Closes the socket of a connection and not the connection: Lettuce connects anew, and sends again
 * what was not answered. Holds no state, thread-safe.
 */
final class Connections {
  private Connections() {}

  /** Does nothing for connections of several servers, whose sockets Lettuce does not show. */
  static void hangUp(StatefulConnection<String, String> connection) {
    if (connection instanceof RedisChannelHandler<?, ?> handler) {
      RedisChannelWriter writer = handler.getChannelWriter();
      while (writer instanceof CommandExpiryWriter expiring) {
        writer = expiring.getDelegate();
      }
      if (writer instanceof DefaultEndpoint endpoint) {
        endpoint.disconnect();
      }
    }
  }

  /**
   * Closes the socket to the server that has a key. For commands Lettuce uses its connection by
   * address; the one by the node's id is another.
   */
  static void hangUp(StatefulRedisClusterConnection<String, String> connection, String key) {
    RedisClusterNode node = connection.getPartitions().getMasterBySlot(SlotHash.getSlot(key));
    if (node != null) {
      RedisURI address = node.getUri();
      connection
          .getConnectionAsync(address.getHost(), address.getPort())
          .thenAccept(Connections::hangUp);
    }
  }
}
