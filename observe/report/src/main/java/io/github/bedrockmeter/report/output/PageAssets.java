// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.report.output;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The styles and scripts that stand in each page, and the policy that lets a browser run these and
 * nothing else. Immutable.
 *
 * @param licence of the library that draws the charts
 */
record PageAssets(List<String> styles, List<String> scripts, String licence) {

  static PageAssets load() {
    return new PageAssets(
        List.of(file("uplot/uPlot.min.css"), file("page.css")),
        List.of(file("uplot/uPlot.iife.min.js"), file("page.js")),
        file("uplot/LICENSE"));
  }

  private static String file(String name) {
    try (InputStream in = PageAssets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar has no " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** No request may leave the page, and no script or style run that is not one of these. */
  String policy() {
    List<String> rules = new ArrayList<>(List.of("default-src 'none'"));
    rules.add("style-src " + hashes(styles));
    rules.add("script-src " + hashes(scripts));
    rules.add("base-uri 'none'");
    rules.add("form-action 'none'");
    return String.join("; ", rules);
  }

  private static String hashes(List<String> sources) {
    return sources.stream().map(PageAssets::hash).collect(Collectors.joining(" "));
  }

  private static String hash(String source) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(source.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
