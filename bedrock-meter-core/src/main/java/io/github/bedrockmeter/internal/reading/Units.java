// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import io.github.bedrockmeter.usage.Meter;
import io.github.bedrockmeter.usage.Usage.Anomaly;
import io.github.bedrockmeter.usage.Usage.Source;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The meters that are not tokens: images, documents, seconds. What the response leaves out is
 * counted in the request. {@code docs/usage.md} lists the attributes that image and video meters
 * carry.
 */
final class Units {
  /** An image of unstated size is this large, and so is every Nova Canvas default. */
  private static final int DEFAULT_SIDE = 1024;

  /** Stable Diffusion XL costs more above this many steps. */
  private static final int STANDARD_STEPS = 50;

  /** Nova Reel makes video in shots of this length. */
  private static final int SECONDS_PER_SHOT = 6;

  static final Meter INPUT_VIDEO = new Meter("inputVideoSeconds");
  private static final Meter INPUT_AUDIO = new Meter("inputAudioSeconds");
  private static final Meter OUTPUT_VIDEO = new Meter("outputVideoSeconds");
  static final Meter REQUESTS = new Meter("requests");

  private final Facts response;
  private final Facts request;
  private final Verdict verdict;

  Units(Facts response, Facts request, Verdict verdict) {
    this.response = response;
    this.request = request;
    this.verdict = verdict;
  }

  /** Images made, as the response lists them; how many were asked for if it lists none. */
  void images(Family.Kind kind) {
    Meter meter = imagesOf(kind);
    if (response.has(Field.IMAGES)) {
      verdict.put(meter, response.number(Field.IMAGES), Source.BODY);
    } else if (response.has(Field.IMAGE_ERROR)) {
      verdict.put(meter, 0, Source.BODY);
    } else {
      long wanted = request.has(Field.WANTED_IMAGES) ? request.number(Field.WANTED_IMAGES) : 1;
      verdict.dueUnlessBlocked(meter, wanted, Source.REQUEST);
    }
  }

  private Meter imagesOf(Family.Kind kind) {
    boolean premium = "premium".equals(request.word(Field.QUALITY));
    return switch (kind) {
      case TITAN_IMAGE -> Meter.outputImages(resolution(512, 1024), quality(premium));
      case SDXL ->
          Meter.outputImages(
              resolution(512, 1024), quality(request.number(Field.STEPS) > STANDARD_STEPS));
      case IMAGES -> Meter.outputImages();
      default -> Meter.outputImages(resolution(1024, 2048), quality(premium));
    };
  }

  private String resolution(int small, int large) {
    long side = Math.max(request.number(Field.WIDTH), request.number(Field.HEIGHT));
    return Integer.toString((side < 0 ? DEFAULT_SIDE : side) <= small ? small : large);
  }

  private static String quality(boolean premium) {
    return premium ? "premium" : "standard";
  }

  /** Search units as the response states them, or as the request's documents make them. */
  void searchUnits() {
    if (response.has(Field.SEARCH_UNITS)) {
      verdict.put(Meter.SEARCH_UNITS, response.number(Field.SEARCH_UNITS), Source.BODY);
    } else if (request.has(Field.DOCUMENTS)) {
      SearchUnits units = SearchUnits.of(request);
      if (!units.isExact()) {
        response.note(Anomaly.Kind.UPPER_BOUND_COUNTED, units.why());
      }
      verdict.dueUnlessBlocked(Meter.SEARCH_UNITS, units.most(), Source.REQUEST);
    } else {
      verdict.miss(Meter.SEARCH_UNITS);
    }
  }

  /** Whether the request gives the model anything besides text. */
  boolean hasMedia() {
    return request.has(Field.INPUT_IMAGES)
        || request.has(Field.INPUT_VIDEOS)
        || request.has(Field.INPUT_AUDIOS);
  }

  /** Images, video and audio given to an embedding model. */
  void media() {
    if (request.number(Field.INPUT_IMAGES) > 0) {
      boolean document = "DOCUMENT_IMAGE".equals(request.word(Field.DETAIL));
      verdict.put(
          document ? Meter.inputImages("document") : Meter.inputImages(),
          request.number(Field.INPUT_IMAGES),
          Source.REQUEST);
    }
    if (request.has(Field.INPUT_VIDEOS)) {
      verdict.miss(INPUT_VIDEO);
    }
    if (request.has(Field.INPUT_AUDIOS)) {
      verdict.miss(INPUT_AUDIO);
    }
  }

  /** What TwelveLabs Marengo embeds: a text, an image, or a stretch of video or audio. */
  void marengo() {
    String type = request.word(Field.INPUT_TYPE);
    if (type == null || type.equals("text")) {
      verdict.put(REQUESTS, 1, Source.REQUEST);
    } else if (type.equals("image") || type.equals("text_image")) {
      verdict.put(Meter.inputImages(), 1, Source.REQUEST);
    } else {
      seconds(type.equals("audio") ? INPUT_AUDIO : INPUT_VIDEO);
    }
  }

  private void seconds(Meter meter) {
    if (request.has(Field.SECONDS)) {
      verdict.put(meter, request.number(Field.SECONDS), Source.REQUEST);
    } else if (request.has(Field.LAST_SECOND)) {
      long first = request.orZero(Field.FIRST_SECOND);
      verdict.put(meter, Math.max(request.number(Field.LAST_SECOND) - first, 0), Source.REQUEST);
    } else {
      verdict.miss(meter); // the length of the whole file in S3 is not known
    }
  }

  /** The video a Pegasus model analysed; no field states its length. */
  void watchedVideo() {
    verdict.miss(INPUT_VIDEO);
  }

  /** Nova Reel: the stated length, or the length of the stated shots. */
  void reel() {
    long seconds = request.number(Field.SECONDS);
    if (seconds < 0) {
      seconds = SECONDS_PER_SHOT * Math.max(request.number(Field.SHOTS), 1);
    }
    verdict.put(OUTPUT_VIDEO, seconds, Source.REQUEST);
  }

  /** Luma Ray: {@code "5s"} at {@code "720p"}, which are also the defaults. */
  void luma() {
    String resolution = request.word(Field.RESOLUTION);
    boolean small = resolution != null && resolution.toLowerCase(Locale.ROOT).equals("540p");
    verdict.put(
        new Meter("outputVideoSeconds[" + (small ? "540p" : "720p") + "]"),
        secondsOf(request.word(Field.DURATION)),
        Source.REQUEST);
  }

  private static long secondsOf(@Nullable String duration) {
    return duration != null && duration.matches("[0-9]{1,4}s")
        ? Long.parseLong(duration.substring(0, duration.length() - 1))
        : 5;
  }
}
