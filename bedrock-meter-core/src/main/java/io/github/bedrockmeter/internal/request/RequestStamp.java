// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.call.MeteredCall;
import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.internal.reading.LogRecord;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OnceFor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;

/**
 * Writes a call's id and tags into its request metadata, so that Bedrock's invocation logs carry
 * them. The caller's own metadata stays as it is. What Bedrock would refuse is left out: a stamp
 * must not be the reason that a call fails. Immutable and thread-safe.
 *
 * @param tags whether tags are written
 * @param callId whether the call's id is written
 */
public record RequestStamp(boolean tags, boolean callId) {
  private static final Log log = Log.to(LoggerFactory.getLogger(RequestStamp.class));

  /** Ours, whatever the caller wrote there. */
  private static final String CALL_ID = LogRecord.CALL_ID;

  /** Bedrock takes at most so many pairs, of such characters. */
  private static final int MOST_PAIRS = 16;

  private static final Pattern KEY = Pattern.compile("[a-zA-Z0-9\\s:_@$#=/+,.-]{1,256}");
  private static final Pattern VALUE = Pattern.compile("[a-zA-Z0-9\\s:_@$#=/+,.-]{0,256}");

  private static final OnceFor<String> LEFT_OUT = new OnceFor<>(1_000);
  private static final OnceFor<String> FAILED = new OnceFor<>(100);

  /**
   * The request with the call's id and tags in its metadata; the same instance if there is nothing
   * to add, or no place for it.
   *
   * @param client the settings of the client: a header of its own is sent beside the request's;
   *     null if it does not say
   */
  public BedrockRuntimeRequest on(
      BedrockRuntimeRequest request,
      MeteredCall call,
      @Nullable ClientOverrideConfiguration client) {
    String id = callId ? call.id() : null;
    Tags added = tags ? call.tags() : Tags.none();
    if (id == null && added.isEmpty()) {
      return request;
    }
    try {
      return stamped(request, new Stamp(call.id(), id, added), client);
    } catch (IOException | RuntimeException failure) {
      if (FAILED.isFirst(call.operation() + failure.getClass())) {
        log.warn(
            "Call {}: its id and tags {} could not be written into the metadata of a {}; further"
                + " ones are not logged",
            call.id(),
            added,
            call.operation(),
            failure);
      }
      return request;
    }
  }

  /**
   * What is to be written.
   *
   * @param call the call's id, for the log
   * @param id the same, where it is to be written; null if not
   */
  private record Stamp(String call, @Nullable String id, Tags tags) {
    void leaveOut(String name, String why) {
      if (LEFT_OUT.isFirst(name)) {
        log.warn(
            "Left out of the metadata of call {}: '{}', since {}; the meter counts it all the same;"
                + " further ones of this name are not logged",
            call,
            name,
            why);
      }
    }
  }

  private static BedrockRuntimeRequest stamped(
      BedrockRuntimeRequest request, Stamp stamp, @Nullable ClientOverrideConfiguration client)
      throws IOException {
    if (request instanceof ConverseRequest converse) {
      Map<String, @Nullable String> all = merged(converse.requestMetadata(), stamp);
      return all == null ? request : converse.toBuilder().requestMetadata(all).build();
    }
    if (request instanceof ConverseStreamRequest converse) {
      Map<String, @Nullable String> all = merged(converse.requestMetadata(), stamp);
      return all == null ? request : converse.toBuilder().requestMetadata(all).build();
    }
    if (RequestFacts.hasBody(request)) {
      String header = header(request, stamp, client);
      return header == null ? request : MetadataHeader.with(request, header);
    }
    return request;
  }

  /** What the header is to say; null if it stays as it is. */
  private static @Nullable String header(
      BedrockRuntimeRequest request, Stamp stamp, @Nullable ClientOverrideConfiguration client)
      throws IOException {
    if (client != null && MetadataHeader.in(client.headers()) != null) {
      stamp.leaveOut("id and tags", "the client's own settings have the metadata's header");
      return null;
    }
    String own = MetadataHeader.of(request);
    if (own == null && stamp.tags.isEmpty()) {
      // Most calls; an id has no character that JSON escapes.
      String id = stamp.id;
      return id == null ? null : "{\"" + CALL_ID + "\":\"" + id + "\"}";
    }
    Map<String, @Nullable String> pairs = own == null ? Map.of() : MetadataHeader.parsed(own);
    if (own != null && pairs.containsValue(null)) {
      throw new IOException("the request's own metadata has a value that is no text");
    }
    Map<String, @Nullable String> all = merged(pairs, stamp);
    return all == null ? null : MetadataHeader.written(all);
  }

  /**
   * The caller's metadata, the call's id, and the tags that the caller's metadata does not have;
   * null if there is nothing to add. The id has a place before the tags: it finds a lost call.
   */
  private static @Nullable Map<String, @Nullable String> merged(
      Map<String, ? extends @Nullable String> own, Stamp stamp) {
    String id = stamp.id;
    Tags tags = stamp.tags;
    if (own.isEmpty() && tags.isEmpty()) {
      return id == null ? null : Map.of(CALL_ID, id);
    }
    Map<String, @Nullable String> all = new LinkedHashMap<>(own);
    if (id != null) {
      if (all.containsKey(CALL_ID) || all.size() < MOST_PAIRS) {
        all.put(CALL_ID, id);
      } else {
        stamp.leaveOut(CALL_ID, "the caller's own metadata has " + MOST_PAIRS + " pairs");
      }
    }
    tags.asMap()
        .forEach(
            (name, value) -> {
              if (all.containsKey(name)) {
                return;
              }
              if (all.size() >= MOST_PAIRS) {
                stamp.leaveOut(name, "Bedrock takes " + MOST_PAIRS + " pairs at most");
              } else if (!KEY.matcher(name).matches() || !VALUE.matcher(value).matches()) {
                stamp.leaveOut(
                    name, "Bedrock takes up to 256 letters, digits, blanks and :_@$#=/+,-. in it");
              } else {
                all.put(name, value);
              }
            });
    return all.equals(own) ? null : all;
  }
}
