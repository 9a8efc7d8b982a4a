// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import io.github.bedrockmeter.call.Tags;
import io.github.bedrockmeter.internal.text.Log;
import io.github.bedrockmeter.internal.text.OnceFor;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;

/**
 * Where a call's tags come from, and which source wins. Immutable and thread-safe.
 *
 * @param declared the names that are read from a request's own metadata, besides those that a
 *     budget counts per
 * @param metadataFirst whether the request's own metadata wins over the application's tags
 * @param surroundings what a framework knows about the thread at the time of a call
 * @param defaults tags of every call that has no other value for them
 */
public record TagSources(
    Set<String> declared, boolean metadataFirst, Supplier<Tags> surroundings, Tags defaults) {
  /*
   * A request's metadata may be made from what a user of the application sent, and frameworks write
   * names of their own into it. So it is read only for names that the application has declared, and
   * comes after what the application's own code has set, unless it chose otherwise.
   */
  private static final Log log = Log.to(LoggerFactory.getLogger(TagSources.class));
  private static final OnceFor<String> UNREADABLE = new OnceFor<>(100);

  public TagSources {
    declared = Set.copyOf(declared);
  }

  /**
   * The tags of a call that this thread makes.
   *
   * @param counted the names that budgets count per
   */
  public Tags of(BedrockRuntimeRequest request, Collection<String> counted) {
    Tags set = TagAttribute.of(request).over(ofThread());
    Tags metadata =
        declared.isEmpty() && counted.isEmpty() ? Tags.none() : metadata(request, counted);
    return (metadataFirst ? metadata.over(set) : set.over(metadata)).over(defaults);
  }

  /** The tags of a call that this thread makes through no wrapped client. */
  public Tags of(Tags own) {
    return own.over(ofThread()).over(defaults);
  }

  private Tags ofThread() {
    return TagScope.current().over(surroundings.get());
  }

  private Tags metadata(BedrockRuntimeRequest request, Collection<String> counted) {
    Map<String, @Nullable String> pairs = pairs(request);
    if (pairs.isEmpty()) {
      return Tags.none();
    }
    Map<String, String> tags = new HashMap<>();
    add(declared, pairs, tags);
    add(counted, pairs, tags);
    return Tags.of(tags);
  }

  private static void add(
      Collection<String> names, Map<String, @Nullable String> pairs, Map<String, String> tags) {
    for (String name : names) {
      String value = pairs.get(name);
      if (value != null && !value.isBlank()) {
        tags.put(name, value);
      }
    }
  }

  @SuppressWarnings("unchecked") // a map from the SDK, which is not annotated, may have null values
  private static Map<String, @Nullable String> pairs(BedrockRuntimeRequest request) {
    if (request instanceof ConverseRequest converse) {
      return (Map<String, @Nullable String>) (Map<String, ?>) converse.requestMetadata();
    }
    if (request instanceof ConverseStreamRequest converse) {
      return (Map<String, @Nullable String>) (Map<String, ?>) converse.requestMetadata();
    }
    String header = RequestFacts.hasBody(request) ? MetadataHeader.of(request) : null;
    if (header == null) {
      return Map.of();
    }
    try {
      return MetadataHeader.parsed(header);
    } catch (IOException | RuntimeException failure) {
      String type = request.getClass().getSimpleName();
      if (UNREADABLE.isFirst(type)) {
        log.warn("The metadata of a {} cannot be read for tags: it is no JSON object", type);
      }
      return Map.of();
    }
  }
}
