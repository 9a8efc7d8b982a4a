// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.testkit;

import io.github.bedrockmeter.testkit.Transmission.Ending;
import io.github.bedrockmeter.testkit.Transmission.Part;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The sockets under {@link FakeBedrock}: reads requests over HTTP/1.1 or HTTP/2, and sends exactly
 * the given bytes, even half a frame. Contains HTTP only, nothing of Bedrock.
 *
 * <p>Requests are reported on the event loop, in the order they arrive; each answer is computed on
 * a thread of its own, so that it may block.
 */
// A write fails only if the client has left, and then its future does not matter.
@SuppressWarnings("FutureReturnValueIgnored")
final class HttpServer implements AutoCloseable {

  private static final int MAX_BODY_BYTES = 64 * 1024 * 1024;

  /** Room for request metadata, of which a header may carry 8500 characters. */
  private static final int MAX_HEADER_BYTES = 64 * 1024;

  private final Consumer<ReceivedRequest> arrivals;
  private final Function<ReceivedRequest, Transmission> answers;

  /** On the heap and not pooled, so that its metrics count unreleased bytes exactly. */
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

  private final EventLoopGroup eventLoops =
      new NioEventLoopGroup(2, new DefaultThreadFactory("fake-bedrock", true));
  private final ExecutorService scripts =
      Executors.newCachedThreadPool(new DefaultThreadFactory("fake-bedrock-script", true));
  private @Nullable URI endpoint;

  HttpServer(Consumer<ReceivedRequest> arrivals, Function<ReceivedRequest, Transmission> answers) {
    this.arrivals = arrivals;
    this.answers = answers;
  }

  void start() {
    Channel listener =
        new ServerBootstrap()
            .group(eventLoops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.ALLOCATOR, allocator)
            .childOption(ChannelOption.ALLOCATOR, allocator)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new ProtocolDetector());
                  }
                })
            .bind(new InetSocketAddress(loopback(), 0))
            .syncUninterruptibly()
            .channel();
    InetSocketAddress address = (InetSocketAddress) listener.localAddress();
    endpoint = URI.create("http://127.0.0.1:" + address.getPort());
  }

  private static InetAddress loopback() {
    try {
      return InetAddress.getByAddress("127.0.0.1", new byte[] {127, 0, 0, 1});
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are always an address", e);
    }
  }

  URI endpoint() {
    if (endpoint == null) {
      throw new IllegalStateException("not started");
    }
    return endpoint;
  }

  long unreleasedBytes() {
    return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
  }

  @Override
  public void close() {
    scripts.shutdownNow();
    // Also closes every channel; no quiet period is needed.
    eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** Looks at the first bytes of a connection: HTTP/2 opens with "PRI ", HTTP/1.1 with a verb. */
  private final class ProtocolDetector extends ByteToMessageDecoder {

    private static final byte[] HTTP_2_OPENING = "PRI ".getBytes(StandardCharsets.US_ASCII);

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
      if (in.readableBytes() < HTTP_2_OPENING.length) {
        return;
      }
      byte[] opening = ByteBufUtil.getBytes(in, in.readerIndex(), HTTP_2_OPENING.length);
      if (Arrays.equals(opening, HTTP_2_OPENING)) {
        speakHttp2(ctx.pipeline());
      } else {
        speakHttp1(ctx.pipeline());
      }
      ctx.pipeline().remove(this);
    }
  }

  private void speakHttp1(ChannelPipeline pipeline) {
    pipeline.addLast(
        new HttpServerCodec(MAX_HEADER_BYTES, MAX_HEADER_BYTES, MAX_HEADER_BYTES),
        new HttpServerKeepAliveHandler(),
        new HttpObjectAggregator(MAX_BODY_BYTES),
        new Exchange());
  }

  private void speakHttp2(ChannelPipeline pipeline) {
    pipeline.addLast(
        Http2FrameCodecBuilder.forServer()
            .initialSettings(Http2Settings.defaultSettings().maxHeaderListSize(MAX_HEADER_BYTES))
            // Otherwise close() would wait for the streams that it should cut.
            .decoupleCloseAndGoAway(true)
            // Many cancelled calls in a test are not an attack.
            .decoderEnforceMaxRstFramesPerWindow(0, 0)
            .build(),
        new Http2MultiplexHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel stream) {
                stream
                    .pipeline()
                    .addLast(
                        new Http2StreamFrameToHttpObjectCodec(true),
                        new HttpObjectAggregator(MAX_BODY_BYTES),
                        new Exchange());
              }
            }));
  }

  /** One request after the other on an HTTP/1.1 connection, or the only one of an HTTP/2 stream. */
  private final class Exchange extends SimpleChannelInboundHandler<FullHttpRequest> {

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest message) {
      ReceivedRequest request =
          ReceivedRequest.of(
              message.method().name(),
              message.uri(),
              message.headers().entries(),
              ByteBufUtil.getBytes(message.content()),
              Instant.now());
      arrivals.accept(request);
      scripts.execute(() -> transmitLater(ctx, answers.apply(request)));
    }

    private void transmitLater(ChannelHandlerContext ctx, Transmission transmission) {
      try {
        after(transmission.delay(), ctx, () -> transmit(ctx, transmission));
      } catch (RejectedExecutionException closedMeanwhile) {
        // The connection is gone too.
      }
    }

    private void transmit(ChannelHandlerContext ctx, Transmission transmission) {
      if (transmission.ending() == Ending.SILENCE) {
        return;
      }
      if (transmission.ending() == Ending.RESET) {
        connection(ctx).config().setOption(ChannelOption.SO_LINGER, 0);
        connection(ctx).close();
        return;
      }
      HttpResponse head =
          new DefaultHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(transmission.status()));
      transmission.headers().forEach(head.headers()::set);
      if (transmission.chunked()) {
        HttpUtil.setTransferEncodingChunked(head, true);
      } else {
        HttpUtil.setContentLength(
            head, transmission.parts().stream().mapToLong(p -> p.bytes().length).sum());
      }
      ctx.writeAndFlush(head);
      transmitParts(ctx, transmission, 0, false);
    }

    private void transmitParts(
        ChannelHandlerContext ctx, Transmission transmission, int first, boolean paused) {
      List<Part> parts = transmission.parts();
      for (int i = first; i < parts.size(); i++) {
        if (!ctx.channel().isActive()) {
          return; // the client left
        }
        Part part = parts.get(i);
        if (!part.pause().isZero() && !(paused && i == first)) {
          int next = i;
          after(part.pause(), ctx, () -> transmitParts(ctx, transmission, next, true));
          return;
        }
        if (transmission.ending() == Ending.DROP && i == parts.size() - 1) {
          dropInside(part.bytes(), ctx, transmission.chunked());
          return;
        }
        ctx.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(part.bytes())));
      }
      ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    private void dropInside(byte[] bytes, ChannelHandlerContext ctx, boolean chunked) {
      ByteBuf half = Unpooled.wrappedBuffer(bytes, 0, bytes.length / 2);
      ChannelHandlerContext http1 = ctx.pipeline().context(HttpServerCodec.class);
      ChannelFuture sent;
      if (http1 != null && chunked) {
        // Past the codec, which would announce the half as a whole chunk.
        String announced = Integer.toHexString(bytes.length) + "\r\n";
        http1.write(Unpooled.copiedBuffer(announced, StandardCharsets.US_ASCII));
        sent = http1.writeAndFlush(half);
      } else {
        sent = ctx.writeAndFlush(new DefaultHttpContent(half));
      }
      sent.addListener(done -> connection(ctx).close());
    }

    private void after(Duration delay, ChannelHandlerContext ctx, Runnable step) {
      if (!delay.isZero()) {
        ctx.executor().schedule(step, delay.toNanos(), TimeUnit.NANOSECONDS);
      } else if (ctx.executor().inEventLoop()) {
        step.run();
      } else {
        ctx.executor().execute(step);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close(); // resets by the client end here, too
    }
  }

  /** The TCP connection, which HTTP/2 keeps one level above the channel of a stream. */
  private static Channel connection(ChannelHandlerContext ctx) {
    Channel channel = ctx.channel();
    return ctx.pipeline().get(HttpServerCodec.class) == null ? channel.parent() : channel;
  }
}
