// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command against a fake control plane, with credentials from a file of its own, so that those
 * of the machine are neither used nor missed.
 */
abstract class ProfilesScene {
  static final String SONNET = "anthropic.claude-sonnet-4-6";
  static final String NOVA = "amazon.nova-lite-v1:0";
  static final String SECRET = "wJalrXUtnFEMI-K7MDENG-secret";
  private static final String FILE = "aws.sharedCredentialsFile";
  private static final String CONFIG = "aws.configFile";

  @TempDir Path folder;
  FakeControlPlane bedrock;

  @BeforeEach
  void startWithCredentials() throws IOException {
    Path credentials =
        Files.writeString(
            folder.resolve("credentials"),
            "[scene]\naws_access_key_id = AKIASCENE\naws_secret_access_key = " + SECRET + "\n");
    System.setProperty(FILE, credentials.toString());
    System.setProperty(CONFIG, Files.writeString(folder.resolve("config"), "").toString());
    bedrock =
        new FakeControlPlane()
            .model(NOVA, "ON_DEMAND")
            .model(SONNET, "INFERENCE_PROFILE")
            .system("eu." + SONNET, SONNET, "eu-central-1", "eu-west-1")
            .system("global." + SONNET, SONNET, "eu-west-1", "")
            .system("eu." + NOVA, NOVA, "eu-central-1", "eu-west-1");
  }

  @AfterEach
  void stop() {
    bedrock.close();
    System.clearProperty(FILE);
    System.clearProperty(CONFIG);
  }

  /** Runs {@code profiles} with the words, in eu-west-1. */
  Ran profiles(String... words) {
    return Ran.command(
        List.of("--region", "eu-west-1", "--profile", "scene", "--endpoint", bedrock.url()),
        withFirst("profiles", words));
  }

  static String[] withFirst(String first, String... words) {
    String[] all = new String[words.length + 1];
    all[0] = first;
    System.arraycopy(words, 0, all, 1, words.length);
    return all;
  }

  static List<String> sonnetInEurope() {
    return FakeControlPlane.arns(SONNET, "eu-central-1", "eu-west-1");
  }

  static List<String> nova() {
    return FakeControlPlane.arns(NOVA, "eu-west-1");
  }
}
